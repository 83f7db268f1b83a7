/**
 * `select:` of a resource taken apart: for each value, the parameters as they are then. Must not know which value a host has,
 * nor whether the parameters suit the type.
 */
import type { Select } from "./declared.ts";
import type { Findings } from "./findings.ts";
import { type Entry, excerpt, type MapNode, type Node, type ScalarNode } from "./node.ts";
import { fieldsOf, mapOf, scalarOf, type Shape } from "./shape.ts";

const shape: Shape = { what: "select", keys: ["on", "when", "default"] };

/** `params`: those that do not depend on the value. `common`: attributes that cannot either. */
export function declareSelect(
  entry: Entry | undefined,
  params: MapNode,
  common: readonly string[],
  found: Findings,
): Select | undefined {
  if (entry === undefined) return undefined;
  const fields = fieldsOf(entry.value, shape, found);
  const on = onOf(fields.get("on"), found);
  const block = mapOf(fields.get("when"), "select.when", found);
  const missing = !fields.has("on") ? "on" : block?.entries.size === 0 || !fields.has("when");
  if (entry.value.kind === "map" && missing !== false)
    found.problem("VG302", entry.place, excerpt(entry.value), {
      message: missing === "on" ? "select needs `on:`" : "select needs `when:` with a case",
      hint: 'write select: {on: "{{ traits.os.family }}", when: {debian: {…}, rhel: {…}}}',
    });
  // Without a value to choose by, what the cases lack would only hide what is wrong.
  if (on === undefined) return { on: nothing(entry.value), cases: new Map(), otherwise: undefined };
  const inCase = (one: Entry) => caseOf(one, params, common, found);
  const other = fields.get("default");
  return {
    on,
    cases: new Map([...(block?.entries ?? [])].map(([value, one]) => [value, inCase(one)])),
    otherwise: other === undefined ? undefined : inCase(other),
  };
}

const nothing = ({ place }: Node): ScalarNode => ({
  kind: "scalar",
  place,
  start: place,
  value: "",
  source: "",
  style: "quoted",
});

function onOf(entry: Entry | undefined, found: Findings): ScalarNode | undefined {
  const on = scalarOf(entry, "select.on", found);
  if (on === undefined || !/^(?:traits|vars|envoy|item)\./.test(on.source)) return on;
  found.problem("VG302", on.place, excerpt(on), {
    message: "select.on is a template, and this is only its name",
    hint: `write on: "{{ ${on.source} }}"`,
  });
  return undefined;
}

/** The parameters of all cases with those of one laid over them. */
function caseOf(
  entry: Entry,
  params: MapNode,
  common: readonly string[],
  found: Findings,
): MapNode {
  const block = mapOf(entry, "a case of select", found);
  if (block === undefined) return params;
  const entries = new Map(params.entries);
  for (const [key, one] of block.entries)
    if (common.includes(key) && !params.entries.has(key))
      found.problem("VG103", one.place, key, {
        message: `"${key}" cannot be chosen by select`,
        hint: "select chooses parameters of the type; use two resources with `when:` for the rest",
      });
    else entries.set(key, one);
  return { kind: "map", place: block.place, entries };
}
