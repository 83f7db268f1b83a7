/**
 * How what an envoy gets differs from what it had, resource by resource. What envoys share of two lists is compared once for all
 * of them. Must not know which envoys these are.
 */
import type { Resolved, ResolvedResource } from "../policy/model.ts";
import { type Compared, compareResources } from "./attributes.ts";
import type { Intent, Lists } from "./lists.ts";
import { type Kind, most, type PlannedAttribute } from "./plan.ts";

/** One resource that changes. */
export interface Row {
  readonly change: Kind;
  readonly key: string;
  readonly type: string;
  readonly attributes: readonly PlannedAttribute[];
  /** Equal for rows that are identical, whatever is not shown of them. */
  readonly identity: string;
}

/** Nothing at all: the envoy gets what it has. */
export interface Difference {
  /** The very same for envoys that differ only in what each has for itself. */
  readonly shared: readonly Row[];
  readonly own: readonly Row[];
}

type Sides = readonly [before: Intent, after: Intent];
type List = readonly ResolvedResource[];

export class Comparison {
  readonly #shared = new WeakMap<List, WeakMap<List, Map<string, readonly Row[]>>>();
  /** Of two resources without conditions, whatever list they are in. */
  readonly #alike = new WeakMap<ResolvedResource, readonly [ResolvedResource, readonly Row[]]>();
  readonly #places = new WeakMap<List, ReadonlyMap<string, number>>();
  /** Rows by their identities: envoys that change alike hold the same. */
  readonly #rows = new Map<string, Row>();

  constructor(readonly lists: Lists) {}

  of(before: Intent, after: Intent): Difference {
    const sides = [before, after] as const;
    const varying = this.#varying(sides);
    const shared = this.#sharedOf(sides, varying);
    const own = this.#rowsOf(sides, (key) => varying.has(key), [...varying]);
    if (shared.length > 0 || own.length > 0) return { shared, own };
    return { shared, own: this.#reordered(sides) };
  }

  /** Keys of resources that one of these envoys has for itself. */
  #varying(sides: Sides): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const { others } of sides) for (const { key } of others.values()) keys.add(key);
    return keys;
  }

  #sharedOf(sides: Sides, varying: ReadonlySet<string>): readonly Row[] {
    const [before, after] = sides;
    const byBefore = this.#shared.get(after.list) ?? new WeakMap<List, Map<string, Row[]>>();
    this.#shared.set(after.list, byBefore);
    const all = byBefore.get(before.list) ?? new Map<string, readonly Row[]>();
    byBefore.set(before.list, all);
    const words = sides.map((side) => this.lists.wordsOf(side));
    const key = JSON.stringify([...words, ...varying]);
    const known = all.get(key);
    if (known !== undefined) return known;
    const keys = sides.flatMap(({ list }) => list.map((resource) => resource.key));
    const made = this.#rowsOf(sides, (one) => !varying.has(one), [...new Set(keys)]);
    all.set(key, made);
    return made;
  }

  #rowsOf(
    [before, after]: Sides,
    isAsked: (key: string) => boolean,
    keys: readonly string[],
  ): readonly Row[] {
    return keys.flatMap((key) =>
      isAsked(key)
        ? this.#compare(
            { resource: this.#at(before, key), resolved: before.resolved },
            { resource: this.#at(after, key), resolved: after.resolved },
          )
        : [],
    );
  }

  #compare(then: Side, now: Side): readonly Row[] {
    const [former, resource] = [then.resource, now.resource];
    if (former === undefined || resource === undefined || former.when || resource.when)
      return this.#compareAnew(then, now);
    if (former === resource) return [];
    const known = this.#alike.get(resource);
    if (known?.[0] === former) return known[1];
    const rows = this.#compareAnew(then, now);
    this.#alike.set(resource, [former, rows]);
    return rows;
  }

  #compareAnew({ resource: former, ...then }: Side, { resource, ...now }: Side): readonly Row[] {
    if (resource === undefined) return former === undefined ? [] : [this.#row("removed", former)];
    const after = { resource, ...now };
    const { registries } = this.lists;
    if (former?.type === resource.type) {
      const differing = compareResources({ resource: former, ...then }, after, registries);
      return differing.length === 0 ? [] : [this.#row("changed", resource, differing)];
    }
    const added = this.#row("added", resource, compareResources(undefined, after, registries));
    return former === undefined ? [added] : [this.#row("removed", former), added];
  }

  #at({ list, others }: Intent, key: string): ResolvedResource | undefined {
    const places = this.#places.get(list) ?? new Map(list.map((one, at) => [one.key, at]));
    this.#places.set(list, places);
    const at = places.get(key);
    return at === undefined ? undefined : (others.get(at) ?? list[at]);
  }

  #row(change: Kind, { key, type }: ResolvedResource, compared: readonly Compared[] = []): Row {
    const identity = JSON.stringify([change, key, type, ...compared.map((each) => each.identity)]);
    const known = this.#rows.get(identity);
    if (known !== undefined) return known;
    const attributes = compared.slice(0, most.attributes).map((each) => each.shown);
    const made = { change, key, type, attributes, identity };
    this.#rows.set(identity, made);
    return made;
  }

  #reordered([before, after]: Sides): readonly Row[] {
    const [then, now] = [this.lists.sequence(before), this.lists.sequence(after)];
    const first = now.findIndex((key, at) => then[at] !== key);
    const resource = this.#at(after, now[first] ?? "");
    return resource === undefined ? [] : [this.#row("reordered", resource)];
  }
}

interface Side {
  readonly resource: ResolvedResource | undefined;
  readonly resolved: Resolved | undefined;
}
