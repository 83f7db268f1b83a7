/** What a `foreach` goes through, and what each expansion is called (semantics §1, "Keys"). Must not know resources. */
import type { Json, JsonObject } from "../json.ts";
import type { Findings } from "./findings.ts";
import { limits } from "./limits.ts";
import { clip } from "./node.ts";
import type { Foreach } from "./policy.ts";
import { isMap } from "./vars.ts";

export interface Item {
  readonly key: string;
  readonly item: Json;
}

/** Map key, the scalar itself, `item.name`, or the index. An item of a map is `{key, value}`. */
function itemsOf(values: Json): readonly Item[] | undefined {
  if (isMap(values))
    return Object.entries(values).map(([key, value]) => ({ key, item: { key, value } }));
  if (!Array.isArray(values)) return undefined;
  return values.map((item: Json, index) => ({ key: keyOf(item, index), item }));
}

function keyOf(item: Json, index: number): string {
  if (typeof item === "string" || typeof item === "number" || typeof item === "boolean")
    return String(item);
  const name = item !== null && isMap(item) ? item["name"] : undefined;
  return typeof name === "string" || typeof name === "number" ? String(name) : String(index);
}

/** A key that two items have, if there is one. */
function keyGivenTwice(items: readonly Item[]): string | undefined {
  const seen = new Set<string>();
  return items.find(({ key }) => seen.size === seen.add(key).size)?.key;
}

/** It is printed on one line of a terminal, between brackets. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in it
const isKey = (key: string): boolean => key.length <= 200 && !/[\x00-\x1f\x7f]/.test(key);

/** In a key of a configcrate's expansion brackets end where the next one stands: `crate[item]/name[item]`. */
export const isCrateKey = (key: string): boolean => isKey(key) && !/[[\]]/.test(key);

/** Where `foreach:` stands: what it may go through on this host. */
export interface Around {
  readonly vars: JsonObject;
  /** Of the configcrate. */
  readonly item: Json | undefined;
}

/** The items of a `foreach`; none, and a problem, where it goes through nothing that has some. */
export function expand(
  foreach: Foreach,
  { vars, item }: Around,
  name: string,
  found: Findings,
  fits: (key: string) => boolean = isKey,
): readonly Item[] {
  const { place } = foreach;
  const say = (code: "VG304" | "VG305" | "VG508" | "VG904", text: string, message: string) => {
    found.problem(code, place, text, { message });
    return [];
  };
  const values =
    foreach.kind === "values" ? foreach.values : at(rootOf(foreach, vars, item), foreach.path);
  const items = values === undefined ? undefined : itemsOf(values);
  if (items === undefined)
    return say("VG508", name, "foreach goes through a list or a map, and here is neither");
  if (items.length > limits.foreachItems)
    return say("VG904", name, `foreach over ${items.length} items`);
  const twice = keyGivenTwice(items);
  const odd = items.find(({ key }) => !fits(key))?.key;
  if (twice !== undefined) say("VG305", twice, `foreach gives the key "${clip(twice)}" twice`);
  if (odd !== undefined) say("VG304", clip(odd), `"${clip(odd)}" cannot be the key of an item`);
  return twice === undefined && odd === undefined ? items : [];
}

const rootOf = ({ kind }: Foreach, vars: JsonObject, item: Json | undefined) =>
  kind === "item" ? item : vars;

function at(root: Json | undefined, path: readonly string[]): Json | undefined {
  let value = root;
  for (const key of path) value = value !== undefined && isMap(value) ? value[key] : undefined;
  return value;
}
