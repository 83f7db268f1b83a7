/** Finds a cycle in a directed graph, as the nodes in order. Must not know what the nodes are. */

/**
 * One cycle for each separate knot that is found on the way: the nodes in order, the first not repeated. `next` is asked once
 * a node. Without recursion, so that a chain of any length does.
 */
export function cyclesIn<N>(nodes: Iterable<N>, next: (node: N) => Iterable<N>): readonly N[][] {
  const done = new Set<N>();
  const cycles: N[][] = [];
  for (const start of nodes) if (!done.has(start)) walk(start, next, done, cycles);
  return cycles;
}

function walk<N>(start: N, next: (node: N) => Iterable<N>, done: Set<N>, cycles: N[][]): void {
  const path: N[] = [start];
  const depth = new Map<N, number>([[start, 0]]);
  const open = [next(start)[Symbol.iterator]()];
  while (open.length > 0) {
    const step = open.at(-1)?.next();
    if (step === undefined || step.done === true) {
      open.pop();
      const left = path.pop();
      if (left !== undefined) {
        depth.delete(left);
        done.add(left);
      }
    } else if (depth.has(step.value)) {
      const cycle = path.slice(depth.get(step.value));
      if (!cycle.some((node) => done.has(node))) cycles.push(cycle);
      for (const node of cycle) done.add(node);
    } else if (!done.has(step.value)) {
      depth.set(step.value, path.length);
      path.push(step.value);
      open.push(next(step.value)[Symbol.iterator]());
    }
  }
}
