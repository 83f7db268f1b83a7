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
  /** What may start now, lowest index first, counted as started: as much as there is room for. Nothing may be left after it. */
  start(): readonly number[];
  /** A started node has ended. Says who is skipped by that, in order of index. */
  end(index: number, ending: Ending): readonly Skipped[];
  /** Nothing is running and nothing is left. */
  readonly done: boolean;
}

export interface WalkOptions {
  readonly concurrency: number;
  /** Has it ended well with no work at all? Asked once, when its turn has come; such a node takes neither room nor its lane. */
  atOnce?(index: number): boolean;
}

/** `nodes` is in topological order: each need has a lower index, each target of a notification a higher one. */
export const walk = (nodes: readonly WalkNode[], options: WalkOptions): Walk =>
  new Steps(nodes, options);

class Steps implements Walk {
  readonly #nodes: readonly WalkNode[];
  readonly #edges: Edges;
  readonly #room: number;
  readonly #atOnce: (index: number) => boolean;
  readonly #asked = new Set<number>();
  /** Sorted. */
  readonly #ready: number[] = [];
  readonly #skipped = new Set<number>();
  readonly #busy = new Set<string>();
  #running = 0;
  #left: number;

  constructor(nodes: readonly WalkNode[], { concurrency, atOnce = () => false }: WalkOptions) {
    this.#nodes = nodes;
    this.#edges = edgesOf(nodes);
    this.#room = concurrency;
    this.#atOnce = atOnce;
    this.#left = nodes.length;
    for (const [index, count] of this.#edges.waiting.entries())
      if (count === 0) this.#ready.push(index);
  }

  get done(): boolean {
    return this.#left === 0;
  }

  start(): readonly number[] {
    const started: number[] = [];
    for (let at = 0; at < this.#ready.length && this.#running < this.#room;) {
      const index = this.#ready[at] ?? 0;
      if (this.#hasEnded(index)) {
        this.#ready.splice(at, 1);
        this.#release(index);
      } else if (this.#take(index)) {
        this.#ready.splice(at, 1);
        started.push(index);
      } else at++;
    }
    return started;
  }

  #hasEnded(index: number): boolean {
    if (this.#asked.has(index)) return false;
    this.#asked.add(index);
    return this.#atOnce(index);
  }

  #take(index: number): boolean {
    const lane = this.#nodes[index]?.lane;
    if (lane !== undefined && this.#busy.has(lane)) return false;
    if (lane !== undefined) this.#busy.add(lane);
    this.#running++;
    return true;
  }

  end(index: number, ending: Ending): readonly Skipped[] {
    this.#running--;
    const lane = this.#nodes[index]?.lane;
    if (lane !== undefined) this.#busy.delete(lane);
    const lost = ending === "broken" ? this.#skip(index) : [];
    this.#release(index);
    return lost.map((one) => ({ index: one, because: index }));
  }

  /** All that need it and were not skipped before, sorted. */
  #skip(broken: number): readonly number[] {
    const found: number[] = [];
    const open = [broken];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const dependent of this.#edges.dependents[next] ?? []) {
        if (this.#skipped.has(dependent)) continue;
        this.#skipped.add(dependent);
        found.push(dependent);
        open.push(dependent);
      }
    return found.sort((a, b) => a - b);
  }

  /** What waited for it alone is ready, or ends with it when it is skipped. */
  #release(ended: number): void {
    const open = [ended];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      this.#left--;
      for (const follower of this.#edges.followers[index] ?? [])
        if (this.#arrived(follower)) open.push(follower);
    }
  }

  /** One edge less to wait for. True when the node has ended by that, as it is skipped. */
  #arrived(node: number): boolean {
    const count = (this.#edges.waiting[node] ?? 0) - 1;
    this.#edges.waiting[node] = count;
    if (count > 0) return false;
    if (this.#skipped.has(node)) return true;
    insert(this.#ready, node);
    return false;
  }
}

interface Edges {
  /** How many edges each still waits for. */
  readonly waiting: number[];
  /** Whom the end of each lets go. */
  readonly followers: readonly (readonly number[])[];
  /** Who is skipped when it breaks. */
  readonly dependents: readonly (readonly number[])[];
}

function edgesOf(nodes: readonly WalkNode[]): Edges {
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
