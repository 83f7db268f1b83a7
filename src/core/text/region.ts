/**
 * Where in a text an edit applies, and where in it a new line goes; patterns are JavaScript's regular expressions. Must not know
 * the edit.
 */
import { VigoError } from "../errors.ts";
import type { Lines } from "./lines.ts";

export interface Bounds {
  /** The region is what comes after the first line that matches this one … */
  readonly region_start?: string;
  /** … and before the next line that matches this one. */
  readonly region_end?: string;
}

/** Indices of lines: the first one of the region, and the one after its last. */
export interface Region {
  readonly from: number;
  readonly to: number;
}

/** Undefined where no line opens it, or none closes it. Without bounds it is all there is. */
export function regionOf({ lines }: Lines, bounds: Bounds): Region | undefined {
  const { region_start: start, region_end: end } = bounds;
  const opened = start === undefined ? -1 : firstMatch(lines, start, 0);
  if (start !== undefined && opened < 0) return undefined;
  const from = opened + 1;
  const closed = end === undefined ? lines.length : firstMatch(lines, end, from);
  return closed < 0 ? undefined : { from, to: closed };
}

/** The region, or a failure that says which bound is missing. */
export function mustHaveRegion(doc: Lines, bounds: Bounds): Region {
  const region = regionOf(doc, bounds);
  if (region !== undefined) return region;
  const start = bounds.region_start === undefined ? "" : ` from /${bounds.region_start}/`;
  const end = bounds.region_end === undefined ? "" : ` to /${bounds.region_end}/`;
  throw new VigoError("failed", `it has no region${start}${end}`, {
    hint: "region_start and region_end are patterns of whole lines that are there already",
  });
}

/** `end`, `begin`, `after:PATTERN` (the last match) or `before:PATTERN` (the first); where nothing matches, the end. */
export function placeIn({ lines }: Lines, { from, to }: Region, position: string): number {
  if (position === "begin") return from;
  const [, side, pattern = ""] = /^(after|before):(.*)$/s.exec(position) ?? [];
  const matches = linePattern(pattern);
  const inside = lines.slice(from, to);
  if (side !== undefined) {
    const at = inside[side === "after" ? "findLastIndex" : "findIndex"](({ text }) =>
      matches.test(text),
    );
    if (at >= 0) return from + at + (side === "after" ? 1 : 0);
  }
  return to === lines.length ? to : beforeBlanks(lines, from, to);
}

/** Blank lines before the next part of a text belong to the gap. */
export function beforeBlanks(lines: Lines["lines"], from: number, to: number): number {
  let at = to;
  while (at > from && lines[at - 1]?.text.trim() === "") at -= 1;
  return at;
}

function firstMatch(lines: Lines["lines"], pattern: string, from: number): number {
  const matches = linePattern(pattern);
  const at = lines.slice(from).findIndex(({ text }) => matches.test(text));
  return at < 0 ? -1 : from + at;
}

/** For one line at a time: a dot is any sign, also one that JavaScript takes for an end of a line (a lone return, U+2028). */
export const linePattern = (source: string): RegExp => new RegExp(source, "s");

const pieces = /\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[.^$]/g;
const inLines: Readonly<Record<string, string>> = {
  ".": "[^\\n]",
  "^": "(?<![^\\n])",
  $: "(?![^\\n])",
};

/** For many lines at once, parted by newlines: `^` and `$` are at these and at no other signs, and a dot is none of them. */
export const linesPattern = (source: string, flags: "" | "g"): RegExp =>
  new RegExp(
    source.replace(pieces, (piece) => inLines[piece] ?? piece),
    flags,
  );

/** Is this a regular expression? */
export function isPattern(source: string | undefined): boolean {
  if (source === undefined) return true;
  try {
    new RegExp(source);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Is this a place as `placeIn` takes it? */
export const isPosition = (position: string): boolean =>
  /^(?:end|begin)$/.test(position) ||
  (/^(?:after|before):./s.test(position) && isPattern(position.replace(/^\w+:/, "")));
