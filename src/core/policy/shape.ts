/**
 * Takes nodes apart: which keys a map may have, what a list of names looks like. Every mistake becomes a problem with its
 * place, and the rest is read on. Must not know any object of the language.
 */
import { didYouMean, unknownWord } from "../did-you-mean.ts";
import type { Findings } from "./findings.ts";
import type { Placed } from "./model.ts";
import {
  type Entry,
  excerpt,
  kindOf,
  type ListNode,
  type MapNode,
  type Node,
  type ScalarNode,
} from "./node.ts";

export interface Shape {
  /** As in "a configcrate". */
  readonly what: string;
  readonly keys: readonly string[];
  /** Keys of the language that this version does not know yet. */
  readonly later?: readonly string[];
  /** Keys that belong elsewhere, with where. */
  readonly misplaced?: Readonly<Record<string, string>>;
}

export type Fields = ReadonlyMap<string, Entry>;

const none: Fields = new Map();

/** The entries a map may have; unknown ones are said and left out. Nothing for what is no map. */
export function fieldsOf(node: Node, shape: Shape, found: Findings): Fields {
  if (node.kind !== "map") {
    wrongShape(node, shape.what, "a map of keys and values", found);
    return none;
  }
  const known = new Map<string, Entry>();
  for (const [key, entry] of node.entries)
    if (shape.keys.includes(key)) known.set(key, entry);
    else unknownKey(key, entry, shape, found);
  return known;
}

function unknownKey(key: string, entry: Entry, shape: Shape, found: Findings): void {
  const elsewhere = shape.misplaced?.[key];
  if (shape.later?.includes(key) === true) notYet(`"${key}" in ${shape.what}`, entry, key, found);
  else if (elsewhere === undefined)
    found.problem("VG101", entry.place, key, {
      message: unknownWord(
        "key",
        key,
        [...shape.keys, ...(shape.later ?? [])],
        ` in ${shape.what}`,
      ),
      hint: didYouMean(key, shape.keys) ? undefined : `it may have ${shape.keys.join(", ")}`,
    });
  else
    found.problem("VG303", entry.place, key, {
      message: `"${key}" does not belong in ${shape.what}`,
      hint: elsewhere,
    });
}

/** What the language has and this version has not. */
export function notYet(
  what: string,
  { place }: Pick<Entry, "place">,
  text: string,
  found: Findings,
): void {
  found.problem("VG104", place, text, { message: `${what} is not in this version` });
}

export function wrongShape(node: Node, what: string, wanted: string, found: Findings): void {
  found.problem("VG302", node.place, excerpt(node), {
    message: `${what} must be ${wanted}, not ${kindOf(node)}`,
  });
}

export function mapOf(
  entry: Entry | undefined,
  what: string,
  found: Findings,
): MapNode | undefined {
  if (entry === undefined || isNothing(entry.value)) return undefined;
  if (entry.value.kind === "map") return entry.value;
  wrongShape(entry.value, what, "a map of keys and values", found);
  return undefined;
}

export function listOf(
  entry: Entry | undefined,
  what: string,
  found: Findings,
): ListNode | undefined {
  if (entry === undefined || isNothing(entry.value)) return undefined;
  if (entry.value.kind === "list") return entry.value;
  wrongShape(entry.value, what, "a list", found);
  return undefined;
}

/** One text; a plain scalar as it is written. */
export function textOf(
  entry: Entry | undefined,
  what: string,
  found: Findings,
): Placed<string> | undefined {
  if (entry === undefined) return undefined;
  const { value } = entry;
  if (value.kind === "scalar" && value.value !== null)
    return { value: value.source, place: value.place };
  wrongShape(value, what, "a text", found);
  return undefined;
}

/** One text with its own letters' places, for what has places inside it. */
export function scalarOf(
  entry: Entry | undefined,
  what: string,
  found: Findings,
): ScalarNode | undefined {
  const { value } = entry ?? {};
  if (value === undefined || textOf(entry, what, found) === undefined) return undefined;
  return value.kind === "scalar" ? value : undefined;
}

/** A text or a list of texts. */
export function textsOf(
  entry: Entry | undefined,
  what: string,
  found: Findings,
): readonly Placed<string>[] {
  if (entry === undefined || isNothing(entry.value)) return [];
  const { value } = entry;
  const nodes = value.kind === "list" ? value.items : [value];
  return nodes.flatMap((node) => {
    if (node.kind === "scalar" && node.value !== null)
      return [{ value: node.source, place: node.place }];
    wrongShape(node, what, "a name or a list of names", found);
    return [];
  });
}

export function flagOf(entry: Entry | undefined, what: string, found: Findings): boolean {
  if (entry === undefined) return false;
  const { value } = entry;
  if (value.kind === "scalar" && /^(?:true|false)$/.test(value.source))
    return value.source === "true";
  wrongShape(value, what, "true or false", found);
  return false;
}

const nameLike = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** The name of a configcrate, a role, an environment. */
export function nameOf(
  entry: Entry | undefined,
  what: string,
  found: Findings,
): Placed<string> | undefined {
  const name = textOf(entry, `the name of ${what}`, found);
  if (name === undefined || nameLike.test(name.value)) return name;
  found.problem("VG304", name.place, name.value, {
    message: `"${name.value}" is no name for ${what}`,
    hint: "letters, digits, _, - and ., beginning with a letter or digit",
  });
  return undefined;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `30s`, `5m`, `2h`, `500ms`, or a number of seconds; in milliseconds, from one to a week. */
export function durationOf(
  entry: Entry | undefined,
  what: string,
  found: Findings,
): number | undefined {
  const written = textOf(entry, what, found);
  if (written === undefined) return undefined;
  const [, number, unit = "s"] = /^(\d{1,9})(ms|s|m|h)?$/.exec(written.value) ?? [];
  const ms = Number(number) * (units[unit] ?? Number.NaN);
  if (ms >= 1 && ms <= 7 * 24 * 3_600_000) return ms;
  found.problem("VG507", written.place, written.value, {
    message: `${what} must be a time like 30s, 5m or 2h, not "${written.value}"`,
  });
  return undefined;
}

const isNothing = (node: Node) => node.kind === "scalar" && node.value === null;
