/** JSON values and their one canonical spelling. Must not know what the values mean. */
import { VigoError } from "./errors.ts";

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * One text for one value: keys sorted by UTF-16 code unit, no blanks, numbers as ECMAScript prints them (RFC 8785 without
 * its restriction on keys). Rejects what JSON cannot hold, so that nothing is signed that reads differently elsewhere.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string")
    return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") {
    const record = value as Readonly<Record<string, unknown>>;
    const fields = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
    return `{${fields.join(",")}}`;
  }
  throw new VigoError("invalid", `${String(value)} cannot be written as JSON`);
}
