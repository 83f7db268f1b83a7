/**
 * Blocks of `vars:`: read from a node, and laid over one another. Maps merge by key, everything else is replaced
 * (semantics §4). Must not know the order of precedence, nor templates.
 */
import type { Json, JsonObject } from "../json.ts";
import type { Var, Vars } from "./declared.ts";
import type { Findings } from "./findings.ts";
import { type Entry, excerpt, type MapNode, scalarsOf, type ScalarNode, valueIn } from "./node.ts";
import { mapOf, notYet } from "./shape.ts";
import { saysSecret } from "./secrets.ts";

export const noVars: Vars = new Map();

const varName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export function declareVars(entry: Entry | undefined, found: Findings): Vars {
  const block = mapOf(entry, "vars", found);
  return block === undefined ? noVars : new Map(readBlock(block, found));
}

function* readBlock(block: MapNode, found: Findings): Generator<readonly [string, Var]> {
  for (const [name, entry] of block.entries)
    if (!varName.test(name))
      found.problem("VG304", entry.place, name, {
        message: `"${name}" is no name for a var`,
        hint: "letters, digits and _, not beginning with a digit",
      });
    else if (isLookup(entry)) notYet("a lookup", entry, excerpt(entry.value), found);
    else {
      for (const { node } of scalarsOf(entry.value)) checkScalar(node, found);
      yield [name, { place: entry.place, value: valueIn(entry.value) }];
    }
}

const isLookup = ({ value }: Entry) => value.kind === "map" && value.entries.has("lookup");

function checkScalar(node: ScalarNode, found: Findings): void {
  const { value, source, place } = node;
  if (typeof value === "number") checkNumber(node, value, found);
  if (typeof value !== "string") return;
  if (saysSecret(value)) notYet("a secret", { place }, excerpt(node), found);
  else if (/\{\{|\{%/.test(source))
    found.warning("VG955", place, excerpt(node), {
      message: "vars are not rendered: this stays as it is written",
      hint: "put the template where the var is used",
    });
}

function checkNumber(node: ScalarNode, value: number, found: Findings): void {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (!exact)
    found.problem("VG504", node.place, node.source, {
      message: `${node.source} is no number that can be kept exactly`,
      hint: "put quotes around it",
    });
  else if (String(value) !== node.source)
    found.warning("VG954", node.place, node.source, {
      message: `${node.source} is read as the number ${value}`,
      hint: "put quotes around it if it is a text",
    });
}

/** `over` laid over `under`. */
export function mergeValues(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = Object.assign(Object.create(null), under);
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = before === undefined ? value : mergeValue(before, value);
  }
  return merged;
}

export const mergeValue = (under: Json, over: Json): Json =>
  isMap(under) && isMap(over) ? mergeValues(under, over) : over;

export const valuesOf = (vars: Vars): JsonObject => {
  const values: Record<string, Json> = Object.create(null);
  for (const [name, { value }] of vars) values[name] = value;
  return values;
};

export const isMap = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
