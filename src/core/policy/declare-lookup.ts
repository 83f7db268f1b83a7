/**
 * Lookups taken apart: `{lookup, key, required | default}` as the value of a var, and the tables of `lookups:`. Must not know
 * which tables a host sees, nor what its key comes to.
 */
import type { JsonObject } from "../json.ts";
import type { Lookup, Table, Tables } from "./declared.ts";
import type { Findings } from "./findings.ts";
import {
  clip,
  type Entry,
  excerpt,
  placeWithin,
  type ScalarNode,
  scalarsOf,
  valueIn,
} from "./node.ts";
import { fieldsOf, flagOf, mapOf, scalarOf, type Shape, textOf } from "./shape.ts";
import { parseTemplate } from "./template/template.ts";

const shape: Shape = { what: "a lookup", keys: ["lookup", "key", "required", "default"] };

export const isLookup = ({ value }: Entry): boolean =>
  value.kind === "map" && value.entries.has("lookup");

/** `place`: of the var's name. */
export function declareLookup({ place, value }: Entry, found: Findings): Lookup | undefined {
  const fields = fieldsOf(value, shape, found);
  const table = textOf(fields.get("lookup"), "lookup", found);
  const key = scalarOf(fields.get("key"), "key", found);
  const required = flagOf(fields.get("required"), "required", found);
  const other = fields.get("default");
  if (!fields.has("key"))
    found.problem("VG302", value.place, excerpt(value), {
      message: "a lookup needs a key",
      hint: 'add key: "{{ envoy.hostname }}"',
    });
  if (required === (other !== undefined))
    found.problem("VG302", value.place, excerpt(value), {
      message: required
        ? "a required key has no default"
        : "a lookup says what happens when the table has no such key",
      hint: "write either required: true or default: VALUE",
    });
  const template = key && templateOf(key, found);
  if (table === undefined || key === undefined || template === undefined) return undefined;
  const otherwise = required || other === undefined ? undefined : valueIn(other.value);
  return { place, table, key, template, otherwise };
}

function templateOf(key: ScalarNode, found: Findings) {
  const template = parseTemplate(key.source);
  if (template.kind === "template") return template;
  const { line, column, message, hint } = template;
  found.problem("VG503", placeWithin(key, line, column), clip(key.source), { message, hint });
  return undefined;
}

/** `lookups:` of a `common.vgo`. */
export function declareTables(
  entry: Entry | undefined,
  checkScalar: (node: ScalarNode) => void,
  found: Findings,
): Tables {
  const tables = new Map<string, Table>();
  for (const [name, one] of mapOf(entry, "lookups", found)?.entries ?? []) {
    const block = mapOf(one, `the table ${name}`, found);
    if (block === undefined) continue;
    for (const { node } of scalarsOf(block)) checkScalar(node);
    tables.set(name, { place: one.place, values: valueIn(block) as JsonObject });
  }
  return tables;
}
