/**
 * Finds the cycles of a graph, one for each knot, as short as there is one. Pure; must not know what the nodes are.
 * Knots are strongly connected components (Tarjan 1972), without recursion.
 */

/** Where the edges of a node lead, by index. */
export type Successors = readonly (readonly number[])[];

/** Each cycle as its nodes in order, without the first one again; `[3]` is a node that leads to itself. */
export function cyclesOf(successors: Successors): readonly (readonly number[])[] {
  return knotsOf(successors).flatMap((knot) => {
    const cycle = shortestCycle(successors, knot);
    return cycle ? [cycle] : [];
  });
}

/** Components, each sorted, in the order of their lowest node. */
function knotsOf(successors: Successors): readonly (readonly number[])[] {
  const search = new Search(successors);
  for (const root of successors.keys()) search.from(root);
  return search.knots.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

class Search {
  readonly knots: number[][] = [];
  readonly #successors: Successors;
  readonly #order: number[];
  readonly #low: number[];
  readonly #stack: number[] = [];
  readonly #onStack = new Set<number>();
  #count = 0;

  constructor(successors: Successors) {
    this.#successors = successors;
    this.#order = successors.map(() => -1);
    this.#low = successors.map(() => 0);
  }

  from(root: number): void {
    if (this.#order[root] !== -1) return;
    const calls = [this.#enter(root)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const to = this.#successors[call.node]?.[call.next++];
      if (to === undefined) {
        calls.pop();
        this.#leave(call.node, calls.at(-1)?.node);
      } else if (this.#order[to] === -1) calls.push(this.#enter(to));
      else if (this.#onStack.has(to)) this.#lower(call.node, this.#order[to]);
    }
  }

  #enter(node: number) {
    this.#order[node] = this.#low[node] = this.#count++;
    this.#stack.push(node);
    this.#onStack.add(node);
    return { node, next: 0 };
  }

  #leave(node: number, caller: number | undefined): void {
    if (this.#low[node] === this.#order[node]) this.knots.push(this.#knotOf(node));
    if (caller !== undefined) this.#lower(caller, this.#low[node]);
  }

  #knotOf(root: number): number[] {
    const members = this.#stack.splice(this.#stack.lastIndexOf(root));
    for (const member of members) this.#onStack.delete(member);
    return members.sort((a, b) => a - b);
  }

  #lower(node: number, to = 0): void {
    this.#low[node] = Math.min(this.#low[node] ?? 0, to);
  }
}

/** From the lowest node that has one of the least length. */
function shortestCycle(successors: Successors, knot: readonly number[]) {
  const members = new Set(knot);
  let best: readonly number[] | undefined;
  for (const start of knot) {
    const found = cycleThrough(successors, members, start, best?.length);
    if (found) best = found;
    if (best?.length === 1) break;
  }
  return best;
}

/** Breadth first; only one that is shorter than what is known. */
function cycleThrough(
  successors: Successors,
  members: ReadonlySet<number>,
  start: number,
  known = Number.POSITIVE_INFINITY,
): readonly number[] | undefined {
  const from = new Map<number, number>();
  let level: readonly number[] = [start];
  for (let length = 1; level.length > 0 && length < known; length++) {
    const end = level.find((node) => successors[node]?.includes(start));
    if (end !== undefined) return pathTo(end, start, from);
    level = level.flatMap((node) =>
      (successors[node] ?? []).filter((to) => {
        if (!members.has(to) || from.has(to)) return false;
        from.set(to, node);
        return true;
      }),
    );
  }
  return undefined;
}

function pathTo(end: number, start: number, from: ReadonlyMap<number, number>): readonly number[] {
  const path = [end];
  for (let at = end; at !== start;) {
    at = from.get(at) ?? start;
    path.unshift(at);
  }
  return path;
}
