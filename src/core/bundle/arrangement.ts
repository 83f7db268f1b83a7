/**
 * Lists of resources put in order. Hosts whose resources have the same keys and edges and own the same things have one order,
 * whatever else is in them: it is found for the first of them. Must not know how a list was resolved, nor what travels.
 */
import { type Examined, examine, examineOnce } from "../graph/examine.ts";
import { order } from "../graph/order.ts";
import { areSame } from "../policy/clean.ts";
import type { Registries, Resolved, ResolvedResource, Unresolved } from "../policy/model.ts";

/** One order, for all lists that it fits. */
export interface Arrangement {
  readonly kind: "arrangement";
  /** By place in the order. */
  readonly places: readonly Placed[];
  /** The list that it was found for. */
  readonly first: readonly ResolvedResource[];
  readonly looked: readonly Examined[];
}

export interface Placed {
  /** Where it stands in the list. */
  readonly index: number;
  readonly needs: readonly number[];
  readonly notifies: readonly number[];
}

/** For each outline the last few: what resources own may depend on the host. */
const known = new WeakMap<object, Arrangement[]>();
const kept = 8;

/** Every parameter as its type wants it, nobody in another's way, and in order. */
export function arrangementFor(
  { resources, outline }: Pick<Resolved, "resources" | "outline">,
  registries: Registries,
): Arrangement | Unresolved {
  const all = known.get(outline) ?? [];
  const found = all.find((one) => fits(one, resources, registries));
  if (found !== undefined) return found;
  const made = arrange(resources, registries);
  if (made.kind === "arrangement") known.set(outline, [made, ...all.slice(0, kept - 1)]);
  return made;
}

/** Where a list stands in its order: the same for all that vary it. */
export interface Placing {
  readonly arrangement: Arrangement;
  /** Where the list is another than the first of its arrangement. */
  readonly others: ReadonlyMap<number, ResolvedResource>;
}

const placings = new WeakMap<readonly ResolvedResource[], Placing>();

export function placingFor(
  { resources, outline }: Pick<Resolved, "resources" | "outline">,
  registries: Registries,
): Placing | Unresolved {
  const known = placings.get(resources);
  if (known !== undefined) return known;
  const arrangement = arrangementFor({ resources, outline }, registries);
  if (arrangement.kind === "unresolved") return arrangement;
  const { first } = arrangement;
  const others = new Map<number, ResolvedResource>();
  for (const [at, resource] of resources.entries())
    if (resource !== first[at]) others.set(at, resource);
  const made = { arrangement, others };
  placings.set(resources, made);
  return made;
}

/** Do these resources stand in the same order, where they take the places of others? */
export const isInPlace = (
  { arrangement: { looked } }: Placing,
  others: ReadonlyMap<number, ResolvedResource>,
  registries: Registries,
): boolean => {
  for (const [at, resource] of others)
    if (!isPlacedAlike(examineOnce(resource, registries), looked[at])) return false;
  return true;
};

/** Most resources are the very same as in the first list. */
const fits = (
  { first, looked }: Arrangement,
  resources: readonly ResolvedResource[],
  registries: Registries,
): boolean =>
  first.length === resources.length &&
  resources.every((resource, at) => {
    const former = first[at];
    return (
      resource === former ||
      (resource.key === former?.key &&
        resource.noop === former.noop &&
        isPlacedAlike(examine(resource, registries), looked[at]))
    );
  });

/** The graph asks nothing else of a resource. What is refused is looked at with all the others. */
const isPlacedAlike = (one: Examined, other: Examined | undefined): boolean =>
  one.problems.length === 0 &&
  other !== undefined &&
  (one === other ||
    (one.absent === other.absent &&
      areSame(one.after, other.after) &&
      one.claims.length === other.claims.length &&
      one.claims.every(
        ({ id, part }, at) => id === other.claims[at]?.id && part === other.claims[at].part,
      )));

function arrange(
  resources: readonly ResolvedResource[],
  registries: Registries,
): Arrangement | Unresolved {
  const looked = resources.map((resource) => examine(resource, registries));
  const refused = looked.flatMap(({ problems }) => problems);
  if (refused.length > 0) return { kind: "unresolved", problems: refused };
  const ordered = order(resources, registries, { looked });
  if (ordered.kind === "unordered") return { kind: "unresolved", problems: ordered.problems };
  const places = ordered.resources.map(({ index, needs, notifies }) => ({
    index,
    needs,
    notifies,
  }));
  return { kind: "arrangement", places, first: resources, looked };
}
