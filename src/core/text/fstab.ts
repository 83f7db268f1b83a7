/**
 * Lines of fstab(5): device, mount point, type, options, dump, pass, between blanks. Blanks within a field are written as octal.
 * Must not know what is mounted.
 */
import { type Lines, retold, spliced, without } from "./lines.ts";

export interface FstabEntry {
  readonly device: string;
  /** `none` for swap. */
  readonly path: string;
  readonly fstype: string;
  readonly options: string;
  readonly dump: number;
  readonly pass: number;
}

/** What tells the line of an entry from the others: the mount point, or for swap the device. */
export type FstabKey = { readonly path: string } | { readonly swap: string };

/** The last line counts, as with mount(8); a field that says the same already keeps its spelling, and every gap its width. */
export function withEntry(doc: Lines, entry: FstabEntry): Lines {
  const key = entry.fstype === "swap" ? { swap: entry.device } : { path: entry.path };
  const at = doc.lines.findLastIndex(({ text }) => isAbout(text, key));
  if (at >= 0) return retold(doc, at, changed(doc.lines[at]?.text ?? "", entry));
  return spliced(doc, doc.lines.length, 0, [fieldsOf(entry).map(escaped).join(" ")]);
}

export const withoutEntry = (doc: Lines, key: FstabKey): Lines =>
  without(doc, (text) => isAbout(text, key));

export function entryOf(doc: Lines, key: FstabKey): FstabEntry | undefined {
  const line = doc.lines.findLast(({ text }) => isAbout(text, key));
  return line && parsed(line.text);
}

/** Devices that are swap, by the names they are written with. */
export const swapsIn = (doc: Lines): readonly string[] =>
  doc.lines
    .map(({ text }) => parsed(text))
    .filter((entry) => entry?.fstype === "swap")
    .map((entry) => entry?.device ?? "");

const fieldsOf = ({ device, path, fstype, options, dump, pass }: FstabEntry) => [
  device,
  path,
  fstype,
  options,
  `${dump}`,
  `${pass}`,
];

interface Pieces {
  /** Words, each with the blanks before it; six at most. */
  readonly words: readonly (readonly [gap: string, word: string])[];
  /** Blanks and a comment. */
  readonly rest: string;
}

function piecesOf(text: string): Pieces {
  const next = /([ \t]*)([^ \t#][^ \t]*)/y;
  const words: (readonly [string, string])[] = [];
  let end = 0;
  while (words.length < 6) {
    const found = next.exec(text);
    if (found === null) break;
    words.push([found[1] ?? "", found[2] ?? ""]);
    end = next.lastIndex;
  }
  return { words, rest: text.slice(end) };
}

function parsed(text: string): FstabEntry | undefined {
  const words = piecesOf(text).words.map(([, word]) => unescaped(word));
  if (words.length < 2) return undefined;
  const [device = "", path = "", fstype = "auto", options = "defaults", dump = "0", pass = "0"] =
    words;
  return { device, path, fstype, options, dump: Number(dump), pass: Number(pass) };
}

/** `/mnt/` is `/mnt`. */
const bare = (path: string) => path.replace(/(?<=.)\/+$/, "");

function isAbout(text: string, key: FstabKey): boolean {
  const entry = parsed(text);
  if (entry === undefined) return false;
  if ("swap" in key) return entry.fstype === "swap" && entry.device === key.swap;
  return entry.fstype !== "swap" && bare(entry.path) === bare(key.path);
}

/** Fields that may be missing at the end are written only where they differ from what that means. */
function changed(text: string, entry: FstabEntry): string {
  const { words, rest } = piecesOf(text);
  const wanted = fieldsOf(entry);
  const standard = ["", "", "auto", "defaults", "0", "0"];
  const needed = wanted.findLastIndex((value, at) => value !== standard[at]) + 1;
  const all = wanted.slice(0, Math.max(needed, words.length)).map((value, at) => {
    const [gap, is] = words[at] ?? [" ", undefined];
    const stays = is !== undefined && same(at, unescaped(is), value);
    return `${gap}${stays ? is : escaped(value)}`;
  });
  return `${all.join("")}${rest}`;
}

const same = (at: number, is: string, value: string) =>
  at === 1 ? bare(is) === bare(value) : at > 3 ? Number(is) === Number(value) : is === value;

const octal: Readonly<Record<string, string>> = {
  " ": "\\040",
  "\t": "\\011",
  "\n": "\\012",
  "\\": "\\134",
  "#": "\\043",
};
const escaped = (word: string) => word.replace(/[ \t\n\\]|^#/g, (sign) => octal[sign] ?? sign);
const unescaped = (word: string) =>
  word.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
