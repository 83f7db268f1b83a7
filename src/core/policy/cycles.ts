/** Finds cycles in a directed graph. Must not know what its nodes are. */

/**
 * One cycle for each knot that is found on the way: its nodes in order, the first not repeated. Without recursion, so that a
 * chain of any length does.
 */
export function cyclesIn<N>(nodes: Iterable<N>, next: (node: N) => Iterable<N>): readonly N[][] {
  const search = new Search(next);
  for (const node of nodes) search.from(node);
  return search.cycles;
}

/** Where the edges of each node lead, by number: taken away one by one, no node is left. */
export function isAcyclic(after: readonly (readonly number[])[]): boolean {
  const waiting = new Uint32Array(after.length);
  for (const edges of after) for (const to of edges) waiting[to] = (waiting[to] ?? 0) + 1;
  const free: number[] = [];
  for (const [node, count] of waiting.entries()) if (count === 0) free.push(node);
  // The list grows while it is gone through.
  for (const node of free)
    for (const to of after[node] ?? []) {
      const left = (waiting[to] ?? 0) - 1;
      waiting[to] = left;
      if (left === 0) free.push(to);
    }
  return free.length === after.length;
}

class Search<N> {
  readonly cycles: N[][] = [];
  readonly #done = new Set<N>();
  /** The way from the start to here, and what is left to try at each step of it. */
  readonly #path: N[] = [];
  readonly #open: Iterator<N>[] = [];
  readonly #depth = new Map<N, number>();

  constructor(readonly next: (node: N) => Iterable<N>) {}

  from(start: N): void {
    if (this.#done.has(start)) return;
    this.#enter(start);
    for (let tries = this.#open.at(-1); tries !== undefined; tries = this.#open.at(-1)) {
      const { value, done } = tries.next();
      if (done === true) this.#leave();
      else this.#meet(value);
    }
  }

  #enter(node: N): void {
    this.#depth.set(node, this.#path.length);
    this.#path.push(node);
    this.#open.push(this.next(node)[Symbol.iterator]());
  }

  #leave(): void {
    this.#open.pop();
    for (const node of this.#path.splice(-1)) {
      this.#depth.delete(node);
      this.#done.add(node);
    }
  }

  #meet(node: N): void {
    const depth = this.#depth.get(node);
    if (depth === undefined) {
      if (!this.#done.has(node)) this.#enter(node);
      return;
    }
    const cycle = this.#path.slice(depth);
    if (!cycle.some((each) => this.#done.has(each))) this.cycles.push(cycle);
    for (const each of cycle) this.#done.add(each);
  }
}
