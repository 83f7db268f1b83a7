/**
 * Blocks of `vars:`: read from a node, and laid over one another. Maps merge by key, everything else is replaced
 * (semantics §4). Must not know the order of precedence, nor templates.
 */
import type { Json, JsonObject } from "../json.ts";
import type { Lookup, Var, Vars } from "./declared.ts";
import { declareLookup, isLookup } from "./declare-lookup.ts";
import type { Findings } from "./findings.ts";
import {
  type Entry,
  excerpt,
  type MapNode,
  type Node,
  scalarsOf,
  type ScalarNode,
  valueIn,
} from "./node.ts";
import { isSealed, reservedKeys, withSecrets } from "./secrets.ts";
import { mapOf } from "./shape.ts";

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
    else yield* readVar(name, entry, found);
}

function* readVar(name: string, entry: Entry, found: Findings): Generator<readonly [string, Var]> {
  const { place, value } = entry;
  if (isLookup(entry)) {
    const lookup = declareLookup(entry, found);
    // A lookup that cannot be read still sets the var, so that nothing else is said of it.
    yield [name, { place, value: valueIn(value), ...(lookup === undefined ? {} : { lookup }) }];
    return;
  }
  refuseInner(value, found);
  refuseReserved(value, found);
  for (const { node } of scalarsOf(value)) checkScalar(node, found);
  yield [name, { place, value: withSecrets(valueIn(value)) }];
}

/** A lookup is the whole value of a var: inside another value it would be taken for data. */
function refuseInner(node: Node, found: Findings): void {
  if (node.kind === "scalar") return;
  const inner = node.kind === "list" ? node.items : [...node.entries.values()].map((e) => e.value);
  for (const value of inner)
    if (value.kind === "map" && value.entries.has("lookup") && value.entries.has("key"))
      found.problem("VG302", value.place, excerpt(value), {
        message: "a lookup inside another value",
        hint: "a lookup is the whole value of a var: give it a var of its own",
      });
    else refuseInner(value, found);
}

/** What stands for a secret in a bundle cannot be written in policy. */
export function refuseReserved(node: Node, found: Findings): void {
  if (node.kind === "list") for (const item of node.items) refuseReserved(item, found);
  if (node.kind !== "map") return;
  for (const [key, { place, value }] of node.entries)
    if (reservedKeys.includes(key))
      found.problem("VG101", place, key, {
        message: `${key} is a key of Vigo's own`,
        hint: "a secret is written secret:path, or secret{path} inside a text",
      });
    else refuseReserved(value, found);
}

/** A value that nothing renders: of a var, or in a table of lookups. */
export function checkScalar(node: ScalarNode, found: Findings): void {
  const { value, source, place } = node;
  if (typeof value === "number") checkNumber(node, value, found);
  if (typeof value !== "string") return;
  if (/\{\{|\{%/.test(source))
    found.warning("VG955", place, excerpt(node), {
      message: "vars are not rendered: this stays as it is written",
      hint: "put the template where the value is used",
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

/** Vars of several layers laid over one another. What a lookup gives differs from host to host, so it stands apart. */
export interface Laid {
  readonly values: JsonObject;
  readonly lookups: ReadonlyMap<string, Lookup>;
}

/** `over` laid over `under`. A lookup replaces what was there, and is replaced. */
export function lay(under: Laid, over: Iterable<readonly [name: string, one: Var]>): Laid {
  const values: Map<string, Json> = new Map(Object.entries(under.values));
  const lookups = new Map(under.lookups);
  for (const [name, { value, lookup }] of over) {
    const before = values.get(name);
    values.delete(name);
    lookups.delete(name);
    if (lookup !== undefined) lookups.set(name, lookup);
    else values.set(name, before === undefined ? value : mergeValue(before, value));
  }
  return { values: Object.assign(Object.create(null), Object.fromEntries(values)), lookups };
}

export const nothingLaid: Laid = { values: Object.create(null), lookups: new Map() };

export const isMap = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isSealed(value);
