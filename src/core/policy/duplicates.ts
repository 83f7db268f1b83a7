/** Finds what a tree says more than once: resources of several configcrates that are letter by letter the same. Must not know hosts. */
import { canonicalJson } from "../json.ts";
import type { Place } from "./model.ts";
import { writtenOf } from "./node.ts";
import type { Policy } from "./policy.ts";

export interface Duplicate {
  readonly type: string;
  /** Two or more, in the order of the tree. */
  readonly resources: readonly { readonly name: string; readonly place: Place }[];
}

/** Conditions and edges may differ: they are not what a machine would be told twice. The most copies first. */
export function duplicatesIn({ declared }: Policy): readonly Duplicate[] {
  const all = [...declared.configcrates.values()].flatMap(({ resources }) => resources);
  const alike = Map.groupBy(all, ({ type, params, select, foreach }) =>
    canonicalJson([
      type.name,
      writtenOf(params),
      foreach === undefined ? null : writtenOf(foreach),
      select === undefined
        ? null
        : [select.on.source, [...select.cases].map(([value, one]) => [value, writtenOf(one)])],
    ]),
  );
  return [...alike.values()]
    .filter((group) => group.length > 1)
    .map((group) => ({
      type: group[0]?.type.name ?? "",
      resources: group.map(({ crate, name, place }) => ({ name: `${crate}/${name}`, place })),
    }))
    .sort((a, b) => b.resources.length - a.resources.length);
}
