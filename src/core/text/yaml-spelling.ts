/**
 * Values as YAML that 1.1 and 1.2 readers take for the same (`yes`, `1:30` and `0o7` are quoted). Must not know where in a
 * file they go.
 */
import type { Json } from "../json.ts";
import { isList, isMap } from "./key-path.ts";

export interface Layout {
  /** Blanks a level. */
  readonly unit: number;
  /** Are the items of a list deeper than its key? */
  readonly deepLists: boolean;
  readonly lineEnd: string;
}

export type Quotes = "plain" | "single" | "double";

const yaml = () => require("yaml") as typeof import("yaml");

/** One line that stands inside brackets and outside of them. */
export function flowYaml(value: Json): string {
  if (isList(value)) return `[${value.map(flowYaml).join(", ")}]`;
  if (!isMap(value)) return scalarYaml(value, "plain");
  const members = Object.entries(value).map(
    ([key, one]) => `${scalarYaml(key, "plain")}: ${flowYaml(one)}`,
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

export function scalarYaml(value: Json, quotes: Quotes): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isSimple = /^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(value);
  if (quotes === "single" && isSimple) return `'${value.replaceAll("'", "''")}'`;
  return quotes !== "double" && isPlain(value) ? value : doubleQuoted(value);
}

const doubleQuoted = (value: string) =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\uFEFF]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Letters that mean nothing wherever they stand, and a text to every reader. */
function isPlain(value: string): boolean {
  const isHarmless = /^[\p{L}\p{N}_/.][\p{L}\p{N} _/.@%+=:-]*$/u.test(value);
  if (!isHarmless || /: |[: ]$|^\.\.\.|^---/.test(value)) return false;
  return (["1.1", "1.2"] as const).every(
    (version) => yaml().parse(value, { version, logLevel: "silent" }) === value,
  );
}

/**
 * What follows a colon, blank or line end included. `column`: of the key; deeper lines stand one level further in. Short of maps
 * and lists it is one line, but for texts of several.
 */
export function afterColon(value: Json, column: number, layout: Layout, quotes: Quotes): string {
  const { unit, deepLists, lineEnd } = layout;
  if (isMap(value) && Object.keys(value).length > 0)
    return `${lineEnd}${blanks(column + unit)}${blockYaml(value, column + unit, layout)}`;
  if (isList(value) && value.length > 0) {
    const inner = deepLists ? column + unit : column;
    return `${lineEnd}${blanks(inner)}${blockYaml(value, inner, layout)}`;
  }
  return ` ${inlineYaml(value, column, layout, quotes)}`;
}

/** A value whose first line stands at `column` already; without a line end at its end. */
export function blockYaml(value: Json, column: number, layout: Layout): string {
  const next = `${layout.lineEnd}${blanks(column)}`;
  if (isMap(value) && Object.keys(value).length > 0)
    return Object.entries(value)
      .map(
        ([key, one]) => `${scalarYaml(key, "plain")}:${afterColon(one, column, layout, "plain")}`,
      )
      .join(next);
  if (isList(value) && value.length > 0)
    return value.map((item) => `- ${blockYaml(item, column + 2, layout)}`).join(next);
  return inlineYaml(value, Math.max(0, column - layout.unit), layout, "plain");
}

function inlineYaml(
  value: Json,
  column: number,
  { unit, lineEnd }: Layout,
  quotes: Quotes,
): string {
  if (isMap(value)) return "{}";
  if (isList(value)) return "[]";
  if (typeof value !== "string" || !isLiteral(value)) return scalarYaml(value, quotes);
  const lines = value.replace(/\n$/, "").split("\n");
  const indent = blanks(column + unit);
  return [value.endsWith("\n") ? "|" : "|-", ...lines.map((line) => line && indent + line)].join(
    lineEnd,
  );
}

/** Several lines that a literal block holds without a word about indentation or ends. */
const isLiteral = (value: string) =>
  /^[^\s\uFEFF][^\n]*\n/.test(value) &&
  !value.endsWith("\n\n") &&
  /^[\p{L}\p{N}\p{P}\p{S} \n]*$/u.test(value) &&
  !/\n +(?:\n|$)/.test(value) &&
  !/[ ]$/.test(value);

const blanks = (count: number) => " ".repeat(count);
