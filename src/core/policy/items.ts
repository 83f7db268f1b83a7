/** What a `foreach` goes through, and what each expansion is called (semantics §1, "Keys"). Must not know resources. */
import type { Json } from "../json.ts";
import { isMap } from "./vars.ts";

export interface Item {
  readonly key: string;
  readonly item: Json;
}

/** Map key, the scalar itself, `item.name`, or the index. An item of a map is `{key, value}`. */
export function itemsOf(values: Json): readonly Item[] | undefined {
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
export function keyGivenTwice(items: readonly Item[]): string | undefined {
  const seen = new Set<string>();
  return items.find(({ key }) => seen.size === seen.add(key).size)?.key;
}

/** It is printed on one line of a terminal, between brackets. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in it
export const isKey = (key: string): boolean => key.length <= 200 && !/[\x00-\x1f\x7f]/.test(key);
