/** How what an envoy gets differs from what it had, resource by resource. Must not know other envoys. */
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

/** Nothing: the envoy gets what it has. */
export function compareIntents(before: Intent, after: Intent, lists: Lists): readonly Row[] {
  const old = new Map(before.resources.map((resource) => [resource.key, resource]));
  const rows: Row[] = [];
  for (const resource of after.resources) {
    const former = old.get(resource.key);
    old.delete(resource.key);
    const now = { resource, resolved: after.resolved };
    if (former?.type === resource.type) {
      if (isSame(former, resource, lists) && resource.when === undefined) continue;
      const then = { resource: former, resolved: before.resolved };
      const differing = compareResources(then, now, lists.contents.registries);
      if (differing.length > 0) rows.push(row("changed", resource, differing));
      continue;
    }
    if (former !== undefined) rows.push(row("removed", former, []));
    rows.push(row("added", resource, compareResources(undefined, now, lists.contents.registries)));
  }
  for (const resource of old.values()) rows.push(row("removed", resource, []));
  return rows.length > 0 ? rows : reordered(before, after, lists);
}

type Resource = Intent["resources"][number];

const isSame = (a: Resource, b: Resource, { contents }: Lists): boolean =>
  contents.of(a).number === contents.of(b).number;

function row(change: Kind, { key, type }: Resource, compared: readonly Compared[]): Row {
  const shown = compared.slice(0, most.attributes).map((each) => each.shown);
  const identity = JSON.stringify([change, key, type, ...compared.map((each) => each.identity)]);
  return { change, key, type, attributes: shown, identity };
}

function reordered(before: Intent, after: Intent, lists: Lists): readonly Row[] {
  const [then, now] = [before, after].map(({ resources }) => lists.sequence(resources));
  const first = now?.findIndex((key, at) => then?.[at] !== key) ?? -1;
  const resource = after.resources.find(({ key }) => key === now?.[first]);
  return resource === undefined ? [] : [row("reordered", resource, [])];
}
