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

const fieldsOf = ({ device, path, fstype, options, dump, pass }: FstabEntry) => [
  device,
  path,
  fstype,
  options,
  `${dump}`,
  `${pass}`,
];

function parsed(text: string): FstabEntry | undefined {
  const words = text.trim().split(/[ \t]+/);
  if (text.trimStart().startsWith("#") || words.length < 2) return undefined;
  const [device = "", path = "", fstype = "auto", options = "defaults", dump = "0", pass = "0"] =
    words.map(unescaped);
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
  const [, lead = "", body = "", rest = ""] = /^([ \t]*)(.*?)([ \t]*)$/.exec(text) ?? [];
  const [, ...pieces] = /^(\S+)([ \t]+)(.*)$/.exec(body) ?? ["", body];
  const words = pieces.join("").split(/([ \t]+)/);
  const wanted = fieldsOf(entry);
  const standard = ["", "", "auto", "defaults", "0", "0"];
  const needed = wanted.findLastIndex((value, at) => at < 2 || value !== standard[at]);
  const count = Math.max(needed + 1, Math.ceil(words.length / 2));
  const gap = (at: number) => words[at * 2 - 1] ?? " ";
  const field = (at: number) => {
    const is = words[at * 2];
    const value = wanted[at] ?? "";
    if (is === undefined) return escaped(value);
    return same(at, unescaped(is), value) ? is : escaped(value);
  };
  const all = wanted
    .slice(0, Math.min(count, 6))
    .map((_, at) => `${at === 0 ? "" : gap(at)}${field(at)}`);
  return `${lead}${all.join("")}${words.slice(11).join("")}${rest}`;
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
