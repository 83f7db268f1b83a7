/**
 * One key of a text in sections (`[name]`, `key = value`; comments begin with `#` or `;`). Comments, order and the spacing of
 * lines stay. Must not know which program reads it: where a key stands twice, the last one counts, as for most.
 */
import { VigoError } from "../errors.ts";
import { type Lines, retold, spliced, without } from "./lines.ts";
import { beforeBlanks, type Region } from "./region.ts";

export interface KeyPlace {
  /** Undefined: before the first section. */
  readonly section?: string;
  readonly key: string;
  /** As in a new line, blanks included; a line that is there is known by it without blanks. */
  readonly separator: string;
  /** Signs that begin a comment; `#` and `;` when not said. */
  readonly comment?: string;
}

export function withKey(doc: Lines, place: KeyPlace, value: string): Lines {
  const at = entriesOf(doc, place).at(-1);
  if (at === undefined) return withNewKey(doc, place, value);
  const entry = entryOf(textAt(doc, at), place);
  if (entry === undefined || entry.value === value) return doc;
  // A value that itself looks like one with a comment.
  if (entry.rest === value || startsAComment(entry.rest, value, place)) return doc;
  refuseLong(doc, at);
  // Right behind the separator, only a sign with a blank after it begins a comment: `#fff` is a colour.
  const kept = value !== "" || /^\s+\S\s/.test(entry.comment) ? entry.comment : "";
  return retold(doc, at, `${spaced(entry.before, place.separator)}${value}${kept}`);
}

export function withoutKey(doc: Lines, place: KeyPlace): Lines {
  const entries = entriesOf(doc, place);
  for (const at of entries) refuseLong(doc, at);
  return without(doc, (_, at) => entries.includes(at));
}

interface Entry {
  readonly key: string;
  /** Up to the value, as it is written. */
  readonly before: string;
  readonly value: string;
  /** Behind the value, with the blanks before it; empty without one. */
  readonly comment: string;
  /** Value and comment. */
  readonly rest: string;
}

const signsOf = ({ comment = "#;" }: KeyPlace) => `[${RegExp.escape(comment)}]`;

function entryOf(text: string, place: KeyPlace): Entry | undefined {
  const { separator } = place;
  const signs = signsOf(place);
  const sign = separator.trim();
  const between = sign === "" ? "(?:\\s+|$)" : `\\s*${RegExp.escape(sign)}\\s*`;
  const [all = "", before = "", key = ""] =
    new RegExp(`^(\\s*((?!${signs})[^\\s[].*?)(?:${between}))`).exec(text) ?? [];
  if (key === "") return undefined;
  const rest = text.slice(all.length).trimEnd();
  if (new RegExp(`^${signs}\\s`).test(rest))
    return { key, before, value: "", comment: ` ${rest}`, rest };
  const [, value = rest, comment = ""] = new RegExp(`^(|.*?\\S)(\\s+${signs}.*)$`).exec(rest) ?? [];
  return { key, before, value, comment, rest };
}

const startsAComment = (rest: string, value: string, place: KeyPlace) =>
  value !== "" &&
  rest.startsWith(value) &&
  new RegExp(`^\\s+${signsOf(place)}`).test(rest.slice(value.length));

/** A key without a value may have lost the blank before it. */
function spaced(before: string, separator: string): string {
  if (/\s$/.test(before)) return before;
  if (separator.trim() === "") return `${before}${separator}`;
  return /\s$/.test(separator) && /\s\S+$/.test(before) ? `${before} ` : before;
}

const textAt = ({ lines }: Lines, at: number) => lines[at]?.text ?? "";

/** Lines of the key, in every section of the name. */
function entriesOf(doc: Lines, place: KeyPlace): readonly number[] {
  return sectionsOf(doc, place.section).flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, i) => from + i).filter(
      (at) => entryOf(textAt(doc, at), place)?.key === place.key,
    ),
  );
}

const heading = /^\s*\[([^\]]*)\]\s*(?:[#;].*)?$/;

/** What is under each heading of this name. */
function sectionsOf({ lines }: Lines, name: string | undefined): readonly Region[] {
  const headings = [...lines.entries()].flatMap(([at, { text }]) => {
    const title = heading.exec(text)?.[1]?.trim();
    return title === undefined ? [] : [{ at, title }];
  });
  const starts = [{ at: -1, title: undefined }, ...headings];
  return starts.flatMap(({ at, title }, i) =>
    title === name ? [{ from: at + 1, to: starts[i + 1]?.at ?? lines.length }] : [],
  );
}

/** After a line that has it as a comment, else at the end of the section, else in a new section. */
function withNewKey(doc: Lines, place: KeyPlace, value: string): Lines {
  const { section, key, separator } = place;
  const line = `${key}${separator}${value}`.trimEnd();
  const region = sectionsOf(doc, section).at(-1);
  if (region === undefined) {
    const last = doc.lines.at(-1);
    const gap = last === undefined || last.text.trim() === "" ? [] : [""];
    return spliced(doc, doc.lines.length, 0, [...gap, `[${section}]`, line]);
  }
  const { from, to } = region;
  const sign = RegExp.escape(separator.trim());
  const example = new RegExp(
    `^\\s*${signsOf(place)}\\s*${RegExp.escape(key)}\\s*${sign === "" ? "\\s" : sign}`,
  );
  const shown = doc.lines
    .slice(from, to)
    .findLastIndex(({ text }, i) => example.test(text) && !goesOn(textAt(doc, from + i + 1)));
  const end = to === doc.lines.length ? to : beforeBlanks(doc.lines, from, to);
  return spliced(doc, shown < 0 ? end : from + shown + 1, 0, [line]);
}

/** A value over several lines would be torn. */
function refuseLong(doc: Lines, at: number): void {
  const next = textAt(doc, at + 1);
  const indented = goesOn(next) && !/^\s/.test(textAt(doc, at));
  if (!textAt(doc, at).endsWith("\\") && !indented) return;
  throw new VigoError("failed", `the value in line ${at + 1} goes on in the next line`, {
    hint: "write it on one line by hand, or keep these lines with blockinfile",
  });
}

/** Is this what the value of the line before it may go on with? */
const goesOn = (text: string) => /^\s+[^\s#;[]/.test(text) && !text.includes("=");
