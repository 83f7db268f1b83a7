/** The words and escapes of TOML 1.0, and values as it spells them. Must not know where in a file they stand. */
import { VigoError } from "../errors.ts";
import type { Json } from "../json.ts";
import { isList, isMap } from "./key-path.ts";

export const escapes: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["t", "\t"],
  ["n", "\n"],
  ["f", "\f"],
  ["r", "\r"],
  ['"', '"'],
  ["\\", "\\"],
]);

/** Undefined where Unicode has no such letter. */
export const letterOf = (code: number) =>
  code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);

/** Undefined for what is no value. */
export function wordValue(word: string): Json | undefined {
  if (word === "true" || word === "false") return word === "true";
  if (/^[-+]?(?:0|[1-9](?:_?\d)*)$/.test(word)) return integer(word);
  if (/^0(?:x[0-9a-fA-F](?:_?[0-9a-fA-F])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/.test(word))
    return integer(word);
  if (/^[-+]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][-+]?\d(?:_?\d)*)?$/.test(word))
    return Number(word.replaceAll("_", ""));
  if (/^[-+]?(?:inf|nan)$/.test(word)) return word;
  return isTime(word) ? word : undefined;
}

/** A number beyond 2^53 stays the text it is. */
function integer(word: string): Json {
  const value = Number(word.replaceAll("_", ""));
  return Number.isSafeInteger(value) ? value : word;
}

const isTime = (word: string) =>
  /^(?:\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[zZ]|[-+]\d\d:\d\d)?)?|\d\d:\d\d:\d\d(?:\.\d+)?)$/.test(
    word,
  );

export const tomlKey = (key: string | number): string =>
  /^[A-Za-z0-9_-]+$/.test(String(key)) ? String(key) : basicText(String(key));

/** A value on one line. `former`: how the one it replaces is spelled, whose kind of quotes is kept. */
export function tomlText(value: Json, former = ""): string {
  if (value === null)
    throw new VigoError("failed", "TOML has no null", {
      hint: "remove the key with state: absent",
    });
  if (isList(value)) return `[${value.map((item) => tomlText(item)).join(", ")}]`;
  if (isMap(value)) {
    const members = Object.entries(value).map(([key, one]) => `${tomlKey(key)} = ${tomlText(one)}`);
    return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
  }
  if (typeof value !== "string") return String(value);
  if (wordValue(former) === former && wordValue(value) === value) return value;
  const isLiteral = former.startsWith("'") && /^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(value);
  return isLiteral && !value.includes("'") ? `'${value}'` : basicText(value);
}

const basicText = (value: string) => JSON.stringify(value).replaceAll("\u007f", "\\u007f");
