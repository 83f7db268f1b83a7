/** Names of hosts(5): an address, its name, its aliases. Must not know name servers. */
import { isIPv4, isIPv6 } from "node:net";
import { type Line, type Lines, spliced, withLines } from "./lines.ts";

export interface HostWish {
  readonly hostname: string;
  readonly ip: string;
  /** Exactly these; undefined leaves those that are there. */
  readonly aliases?: readonly string[];
}

/**
 * The name leads to the address, and to no other of its kind (IPv4 or IPv6). A line that has the address and the name somewhere
 * is left as it is, but for missing aliases.
 */
export function withHost(doc: Lines, wish: HostWish): Lines {
  const wanted = new Set([wish.hostname, ...(wish.aliases ?? [])].map(lower));
  const entries = doc.lines.map(({ text }) => entryOf(text));
  const alike = (entry: Entry | undefined) =>
    entry !== undefined && kind(entry.ip) === kind(wish.ip);
  const has = (entry: Entry | undefined, name: string) =>
    alike(entry) && entry?.names.some((is) => lower(is) === lower(name));
  const named = entries.findIndex((entry) => has(entry, wish.hostname) && entry?.ip === wish.ip);
  const first = entries.findIndex(
    (entry) => alike(entry) && lower(entry?.names[0] ?? "") === lower(wish.hostname),
  );
  const mine = named < 0 ? first : named;
  const lines = doc.lines.flatMap((line, at) => {
    const entry = entries[at];
    if (entry === undefined || !alike(entry)) return [line];
    if (at === mine) return [withNames(line, { ...entry, ip: wish.ip }, namesFor(entry, wish))];
    return withNamesLeft(line, entry, (name) => !wanted.has(lower(name)));
  });
  const edited = withLines(doc, lines);
  if (mine >= 0) return edited;
  const text = `${wish.ip}\t${[wish.hostname, ...(wish.aliases ?? [])].join(" ")}`;
  return spliced(edited, edited.lines.length, 0, [text]);
}

/** Without the lines that are the host's, and without its name in others; with an address only in lines of that. */
export function withoutHost(doc: Lines, hostname: string, ip?: string): Lines {
  const isName = (name: string) => lower(name) === lower(hostname);
  const lines = doc.lines.flatMap((line) => {
    const entry = entryOf(line.text);
    if (entry === undefined || (ip !== undefined && entry.ip !== ip)) return [line];
    if (isName(entry.names[0] ?? "")) return [];
    return withNamesLeft(line, entry, (name) => !isName(name));
  });
  return withLines(doc, lines);
}

interface Entry {
  readonly ip: string;
  /** Before the address, and between it and the first name. */
  readonly lead: string;
  readonly gap: string;
  readonly names: readonly string[];
  /** Blanks and comment behind the names. */
  readonly rest: string;
}

function entryOf(text: string): Entry | undefined {
  const [, lead = "", ip = "", gap = "", names = "", rest = ""] =
    /^(\s*)([0-9A-Fa-f.:]+(?:%[^\s#]+)?)(\s+)([^\s#][^#]*?)(\s*(?:#.*)?)$/.exec(text) ?? [];
  return ip === "" ? undefined : { lead, ip, gap, names: names.split(/\s+/), rest };
}

const kind = (ip: string) => (isIPv4(ip) ? 4 : isIPv6(ip.replace(/%.*/, "")) ? 6 : 0);
const lower = (name: string) => name.toLowerCase();

/** A line of its own has the aliases that are wished; where the name is one of many, those that are missing come too. */
function namesFor({ names }: Entry, { hostname, aliases }: HostWish): readonly string[] {
  if (aliases === undefined) return names;
  if (lower(names[0] ?? "") === lower(hostname)) return [hostname, ...aliases];
  const there = new Set(names.map(lower));
  return [...names, ...aliases.filter((alias) => !there.has(lower(alias)))];
}

function withNames(line: Line, entry: Entry, names: readonly string[]): Line {
  const was = entryOf(line.text);
  const same =
    was?.ip === entry.ip && was.names.map(lower).join(" ") === names.map(lower).join(" ");
  if (same) return line;
  return { ...line, text: `${entry.lead}${entry.ip}${entry.gap}${names.join(" ")}${entry.rest}` };
}

function withNamesLeft(
  line: Line,
  entry: Entry,
  stays: (name: string) => boolean,
): readonly Line[] {
  const names = entry.names.filter(stays);
  if (names.length === entry.names.length) return [line];
  return names.length === 0 ? [] : [withNames(line, entry, names)];
}
