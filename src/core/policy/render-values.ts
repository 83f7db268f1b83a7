/** Values of one resource for one host: texts rendered, conditions that travel joined. Must not know resources, nor their types. */
import type { Json, JsonObject } from "../json.ts";
import { type Findings, problemAt } from "./findings.ts";
import type { Place, ResolvedCondition } from "./model.ts";
import { clip, type Node, placeWithin } from "./node.ts";
import type { Template, TemplateScope } from "./template/template.ts";
import type { Condition } from "./when/condition.ts";

/** `place` turns a place in the template into one in the tree. An empty text where something is wrong, which is said. */
export function renderText(
  template: Template,
  scope: TemplateScope,
  place: (line: number, column: number) => Place,
  found: Findings,
): Json {
  const result = template.render(scope);
  if (result.kind === "rendered") return result.value;
  const code =
    result.reason === "undefined" ? "VG106" : result.reason === "secret" ? "VG513" : "VG510";
  const where = place(result.line, result.column);
  found.add([problemAt(code, where, clip(template.source), result)]);
  return "";
}

/** A whole value, with every template in it rendered. */
export function renderValue(
  node: Node,
  templates: ReadonlyMap<Node, Template>,
  scope: TemplateScope,
  found: Findings,
): Json {
  if (node.kind === "list")
    return node.items.map((item) => renderValue(item, templates, scope, found));
  if (node.kind === "map") {
    const values: Record<string, Json> = Object.create(null);
    for (const [key, { value }] of node.entries)
      values[key] = renderValue(value, templates, scope, found);
    return values;
  }
  const template = templates.get(node);
  if (template === undefined) return node.value === null ? null : node.source;
  return renderText(template, scope, (line, column) => placeWithin(node, line, column), found);
}

/** Conditions that all must hold, as one that travels with the vars it names. */
export function joined(
  all: readonly Condition[],
  values: JsonObject,
  place: Place,
  found: Findings,
): ResolvedCondition {
  const [only] = all;
  const source =
    all.length === 1 ? (only?.source ?? "") : all.map((one) => `(${one.source})`).join(" && ");
  if (source.length > 4096)
    found.problem("VG502", place, clip(source), {
      message: "the configcrate's condition and this one are too long together",
    });
  const vars: Record<string, Json> = {};
  for (const { name } of all.flatMap((condition) => condition.vars)) {
    const value = values[name];
    if (value !== undefined) vars[name] = value;
  }
  return { source, vars };
}
