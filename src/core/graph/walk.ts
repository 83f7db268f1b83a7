/**
 * Who may start when: a graph walked by whatever does the work. Pure and synchronous: it says what may start, is told how each
 * ended, and says what may start next. Must not know what a resource is, nor time.
 *
 * A node starts when everything it needs or is notified by has ended. One lane runs one node at a time. A node that is broken
 * skips exactly those that need it, through others too; those it only notifies go on.
 */

export interface WalkNode {
  /** Indices that must have ended well. */
  readonly needs?: readonly number[] | undefined;
  /** Indices that wait until this one has ended, however it ended. */
  readonly notifies?: readonly number[] | undefined;
  readonly lane?: string | undefined;
}

/**
 * satisfied: ok, changed, pending, or skipped by its own condition or for want of a notification.
 * broken: failed or blocked.
 */
export type Ending = "satisfied" | "broken";

/** A node that never starts, and the broken one it needs, directly or through others; the first of several. */
export interface Skipped {
  readonly index: number;
  readonly because: number;
}

export interface Walk {
  /** What may start now, lowest index first, counted as started. At most as many as there is room for. */
  start(): readonly number[];
  /** A started node has ended. Says who is skipped by that, in order of index. */
  end(index: number, ending: Ending): readonly Skipped[];
  /** Nothing is running and nothing is left. */
  readonly done: boolean;
}

/** `nodes` is in topological order: each need has a lower index, each target of a notification a higher one. */
export function walk(
  nodes: readonly WalkNode[],
  { concurrency }: { readonly concurrency: number },
): Walk {
  const { waiting, followers, dependents } = edgesOf(nodes);
  const ready: number[] = [];
  const skipped = new Set<number>();
  const busy = new Set<string>();
  let running = 0;
  let left = nodes.length;
  for (const [index, count] of waiting.entries()) if (count === 0) ready.push(index);

  const laneOf = (index: number) => nodes[index]?.lane;
  /** What waited for it alone is ready, or ends with it when it is skipped. */
  const release = (ended: number) => {
    const open = [ended];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      left--;
      for (const follower of followers[index] ?? []) {
        const count = (waiting[follower] ?? 0) - 1;
        waiting[follower] = count;
        if (count === 0 && skipped.has(follower)) open.push(follower);
        else if (count === 0) insert(ready, follower);
      }
    }
  };
  const skip = (broken: number): Skipped[] => {
    const found: number[] = [];
    const open = [broken];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const dependent of dependents[next] ?? []) {
        if (skipped.has(dependent)) continue;
        skipped.add(dependent);
        found.push(dependent);
        open.push(dependent);
      }
    return found.sort((a, b) => a - b).map((index) => ({ index, because: broken }));
  };

  return {
    start() {
      const started: number[] = [];
      for (let at = 0; at < ready.length && running < concurrency;) {
        const index = ready[at] ?? 0;
        const lane = laneOf(index);
        if (lane !== undefined && busy.has(lane)) {
          at++;
          continue;
        }
        ready.splice(at, 1);
        if (lane !== undefined) busy.add(lane);
        running++;
        started.push(index);
      }
      return started;
    },
    end(index, ending) {
      running--;
      const lane = laneOf(index);
      if (lane !== undefined) busy.delete(lane);
      const because = ending === "broken" ? skip(index) : [];
      release(index);
      return because;
    },
    get done() {
      return left === 0;
    },
  };
}

function edgesOf(nodes: readonly WalkNode[]) {
  const waiting = nodes.map(() => 0);
  const followers: number[][] = nodes.map(() => []);
  const dependents: number[][] = nodes.map(() => []);
  const edge = (from: number, to: number) => {
    followers[from]?.push(to);
    waiting[to] = (waiting[to] ?? 0) + 1;
  };
  for (const [index, { needs = [], notifies = [] }] of nodes.entries()) {
    for (const need of needs) {
      edge(need, index);
      dependents[need]?.push(index);
    }
    for (const target of notifies) edge(index, target);
  }
  return { waiting, followers, dependents };
}

/** Keeps the list sorted. */
function insert(sorted: number[], value: number): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, value);
}
