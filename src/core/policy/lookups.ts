/** Looks values up for one host. Must not know who reads them. */
import type { Json, JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import type { Lookup } from "./declared.ts";
import { problemAt } from "./findings.ts";
import type { Subject } from "./model.ts";
import { clip, placeWithin } from "./node.ts";

export interface LookedUp {
  readonly values: JsonObject;
  /** The same as one text, to tell hosts apart by. */
  readonly key: string;
  readonly problems: readonly Problem[];
}

export const nothingLookedUp: LookedUp = { values: {}, key: "", problems: [] };

/** `vars`: those a key may read; no lookups among them. */
export function lookUp(
  lookups: readonly (readonly [name: string, lookup: Lookup])[],
  vars: JsonObject,
  tables: ReadonlyMap<string, JsonObject>,
  subject: Subject,
): LookedUp {
  if (lookups.length === 0) return nothingLookedUp;
  const values: Record<string, Json> = Object.create(null);
  const problems: Problem[] = [];
  for (const [name, lookup] of lookups) {
    const result = valueFor(lookup, vars, tables, subject);
    if ("problem" in result) problems.push(result.problem);
    else values[name] = result.value;
  }
  return { values, key: JSON.stringify(values), problems };
}

function valueFor(
  lookup: Lookup,
  vars: JsonObject,
  tables: ReadonlyMap<string, JsonObject>,
  { id, hostname, traits }: Subject,
): { readonly value: Json } | { readonly problem: Problem } {
  const { key: node, template, table, otherwise } = lookup;
  const rendered = template.render({ vars, traits, envoy: { id, hostname } });
  if (rendered.kind === "error") {
    const place = placeWithin(node, rendered.line, rendered.column);
    const code = rendered.reason === "undefined" ? "VG106" : "VG510";
    return { problem: problemAt(code, place, clip(node.source), rendered) };
  }
  const key = typeof rendered.value === "string" ? rendered.value : JSON.stringify(rendered.value);
  const values = tables.get(table.value) ?? {};
  const value = Object.hasOwn(values, key) ? values[key] : otherwise;
  if (value !== undefined) return { value };
  return {
    problem: problemAt("VG512", node.place, clip(key), {
      message: `table ${table.value} has no "${clip(key)}", which ${hostname} needs`,
      hint: `add the key to \`lookups:\` in a common.vgo, or give the lookup a default`,
    }),
  };
}
