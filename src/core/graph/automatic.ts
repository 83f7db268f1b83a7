/**
 * Edges that nobody has to write: a file comes after the directory that holds it, because its type says that it follows that
 * claim. Added only where what was written does not say the opposite (semantics §1). Must not know any type.
 */
import type { Registries, ResolvedResource } from "../policy/model.ts";
import type { Owners } from "./claims.ts";
import type { Successors } from "./cycles.ts";
import { examine } from "./examine.ts";

/**
 * Pairs of inclusion indices, first → after. An owner that is to be absent goes last instead: a directory is removed after what
 * is in it. `explicit` has no cycle.
 */
export function automaticEdges(
  resources: readonly ResolvedResource[],
  registries: Registries,
  owners: Owners,
  explicit: Successors,
): readonly Edge[] {
  const index = new Map(resources.map((resource, at) => [resource, at]));
  const leadsTo = reachability(explicit);
  const toOwners = (resource: ResolvedResource, at: number): readonly Edge[] =>
    examine(resource, registries)
      .after.flatMap((id) => owners.get(id) ?? [])
      .flatMap(({ resource: owner }): readonly Edge[] => {
        const holder = index.get(owner);
        if (holder === undefined || holder === at) return [];
        return examine(owner, registries).absent ? [[at, holder]] : [[holder, at]];
      });
  return resources.flatMap(toOwners).filter(([from, to]) => !leadsTo(to, from));
}

type Edge = readonly [from: number, to: number];

/** Is there a way along explicit edges? They are few, so most questions end at once. */
function reachability(explicit: Successors) {
  return (start: number, goal: number): boolean => {
    if (explicit[start]?.length === 0) return false;
    const seen = new Set([start]);
    const open = [start];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const to of explicit[next] ?? []) {
        if (to === goal) return true;
        if (seen.has(to)) continue;
        seen.add(to);
        open.push(to);
      }
    return false;
  };
}
