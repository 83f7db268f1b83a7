/**
 * Edges that nobody has to write: a file comes after the directory that holds it, because its type says that it follows that
 * claim. Added only where what was written does not say the opposite (semantics §1). Must not know any type.
 */
import type { Owners } from "./claims.ts";
import type { Successors } from "./cycles.ts";
import type { Examined } from "./examine.ts";

type Edge = readonly [from: number, to: number];

/**
 * Pairs of inclusion indices, first → after. An owner that is to be absent goes last instead: a directory is removed after what
 * is in it. `explicit` has no cycle.
 */
export function automaticEdges(
  looked: readonly Examined[],
  owners: Owners,
  explicit: Successors,
): readonly Edge[] {
  const edges: Edge[] = [];
  const follow = (at: number, id: string) => {
    for (const { index } of owners.get(id) ?? []) {
      const [from, to] = looked[index]?.absent === true ? [at, index] : [index, at];
      if (from !== to && !leadsTo(explicit, to, from)) edges.push([from, to]);
    }
  };
  for (const [at, { after }] of looked.entries()) for (const id of after) follow(at, id);
  return edges;
}

/** Is there a way along explicit edges? They are few, so most questions end at once. */
function leadsTo(explicit: Successors, start: number, goal: number): boolean {
  if (explicit[start]?.length === 0) return false;
  const seen = new Set([start]);
  for (const node of seen) {
    if (node === goal) return true;
    for (const to of explicit[node] ?? []) seen.add(to);
  }
  return false;
}
