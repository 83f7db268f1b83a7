/**
 * Lookups held to what there is: their tables, and what their keys read. Whether a host's key is in its table shows only for
 * that host. Must not know hosts.
 */
import { unknownWord } from "../did-you-mean.ts";
import type { Assembly } from "./assembly.ts";
import type { Declared, Lookup, Vars } from "./declared.ts";
import type { Findings } from "./findings.ts";
import type { Registries } from "./model.ts";
import { placeWithin } from "./node.ts";
import { checkRead } from "./ready-reads.ts";
import type { Laid } from "./vars.ts";

/** Every block of vars of a tree. */
export const blocksOf = ({
  configcrates,
  roles,
  commons,
  hostcrates,
  environments,
}: Declared): readonly Vars[] => [
  ...[...configcrates.values()].flatMap(({ vars, overrides }) => [
    vars,
    ...[...overrides.values()].map(({ value }) => value),
  ]),
  ...[
    ...roles.values(),
    ...commons.values(),
    ...hostcrates,
    ...[...environments.values()].flatMap((file) => [...file.values()]),
  ].map(({ vars }) => vars),
];

export const lookupsOf = (declared: Declared): readonly Lookup[] =>
  blocksOf(declared).flatMap((vars) => [...vars.values()].flatMap(({ lookup }) => lookup ?? []));

export function checkLookups(declared: Declared, registries: Registries, found: Findings): void {
  const known = [...declared.commons.values()].flatMap(({ lookups }) => [...lookups.keys()]);
  for (const { table, key, template } of lookupsOf(declared)) {
    if (!known.includes(table.value))
      found.problem("VG409", table.place, table.value, {
        message: unknownWord("lookup table", table.value, known),
        hint: known.length > 0 ? undefined : "tables stand under `lookups:` in a common.vgo",
      });
    for (const read of template.reads) {
      const place = placeWithin(key, read.line, read.column);
      checkRead({ read, place, shell: false }, { item: false, crate: false }, registries, found);
    }
  }
}

/** As the hosts of one assembly see them. */
export function checkLookupsFor(
  { values, lookups }: Laid,
  { tables, hostcrate }: Assembly,
  declared: Declared,
  found: Findings,
): void {
  const hosts = `the hosts of ${hostcrate.place.file}:${hostcrate.place.line}`;
  for (const { table, key, template } of lookups.values()) {
    const elsewhere = [...declared.commons.values()].find(({ lookups: all }) =>
      all.has(table.value),
    );
    if (!tables.has(table.value) && elsewhere !== undefined)
      found.problem("VG409", table.place, table.value, {
        message: `${hosts} do not see the lookup table "${table.value}"`,
        hint: `it stands in ${elsewhere.file}; a table is seen in its folder and below`,
      });
    for (const { path, line, column, lenient } of template.reads) {
      const [root, name = ""] = path;
      if (root !== "vars" || lenient || Object.hasOwn(values, name)) continue;
      found.problem("VG106", placeWithin(key, line, column), path.join("."), {
        message: lookups.has(name)
          ? `vars.${name} is a lookup itself, and a key cannot wait for another lookup`
          : `vars.${name} is not set for ${hosts}`,
      });
    }
  }
}
