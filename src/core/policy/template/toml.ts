/**
 * JSON as TOML 1.0 (https://toml.io/en/v1.0.0). Must not know what it is for. Values come before tables, as the grammar wants;
 * lists of maps become arrays of tables at the top and inline tables inside lists.
 */
import type { Json, JsonObject } from "../../json.ts";

/** A text alone comes out as a value, in quotes. Throws for what TOML cannot hold: null, and another top that is no map. */
export function toToml(value: Json): string {
  if (typeof value === "string") return inline(value);
  if (!isMap(value)) throw new Error("toml needs a map at the top");
  return tableLines(value, []).join("\n");
}

function tableLines(table: JsonObject, path: readonly string[]): string[] {
  const entries = Object.entries(table);
  const plain = entries.filter(([, value]) => !isTable(value));
  const lines = plain.map(([key, value]) => `${keyOf(key)} = ${inline(value)}`);
  for (const [key, value] of entries.filter(([, value]) => isTable(value))) {
    const below = [...path, keyOf(key)];
    const [open, close] = Array.isArray(value) ? ["[[", "]]"] : ["[", "]"];
    for (const inner of Array.isArray(value) ? value : [value])
      lines.push(
        ...(lines.length > 0 ? [""] : []),
        `${open}${below.join(".")}${close}`,
        ...tableLines(inner as JsonObject, below),
      );
  }
  return lines;
}

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTable = (value: Json): boolean =>
  isMap(value) || (Array.isArray(value) && value.length > 0 && value.every(isMap));

const keyOf = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : textOf(key));

function inline(value: Json): string {
  if (value === null) throw new Error("toml has no null");
  if (typeof value === "string") return textOf(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  const fields = Object.entries(value).map(([key, inner]) => `${keyOf(key)} = ${inline(inner)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** JSON's escapes are TOML's, save that TOML wants DEL escaped too. */
const textOf = (text: string): string => JSON.stringify(text).replaceAll("\x7f", "\\u007F");
