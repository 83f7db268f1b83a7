/**
 * Keys of hosts in a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): names, kind, key; names may be hashed as
 * `|1|salt|HMAC-SHA1`. Lines with a marker (`@revoked`) and names with wildcards are nobody's here. Must not know where the file is.
 */
import { createHash, createHmac } from "node:crypto";
import { type Line, type Lines, spliced, withLines } from "./lines.ts";

export interface HostKey {
  readonly names: readonly string[];
  readonly kind: string;
  readonly key: string;
  /** New names are hashed, each in a line of its own; names that are readable do not stay. */
  readonly hashed: boolean;
}

/** Every name leads to this key and, among its kind, to no other. */
export function withHostKey(doc: Lines, wish: HostKey): Lines {
  const right = (entry: Entry) => entry.key === wish.key && (entry.hash || !wish.hashed);
  const met = new Set<string>();
  const lines = doc.lines.flatMap((line) => {
    const entry = entryOf(line.text);
    if (entry === undefined || entry.kind !== wish.kind) return [line];
    const [mine, others] = parted(entry, wish.names);
    const fresh = mine.filter((name) => !met.has(name));
    if (!right(entry)) return withNames(line, entry, others);
    for (const name of fresh) met.add(name);
    if (entry.hash) return mine.length > 0 && fresh.length === 0 ? [] : [line];
    return withNames(
      line,
      entry,
      entry.names.filter((name) => !mine.includes(name) || fresh.includes(name)),
    );
  });
  const missing = wish.names.filter((name) => !met.has(name));
  return withNewNames(withLines(doc, lines), wish, missing);
}

/** Without these names; with a kind only in lines of that. */
export const withoutHostKey = (doc: Lines, names: readonly string[], kind?: string): Lines =>
  withLines(
    doc,
    doc.lines.flatMap((line) => {
      const entry = entryOf(line.text);
      if (entry === undefined || (kind !== undefined && entry.kind !== kind)) return [line];
      return withNames(line, entry, parted(entry, names)[1]);
    }),
  );

interface Entry {
  /** As written; one when hashed. */
  readonly names: readonly string[];
  readonly hash: boolean;
  readonly kind: string;
  readonly key: string;
  /** All behind the names. */
  readonly rest: string;
}

function entryOf(text: string): Entry | undefined {
  const [, names = "", rest = "", kind = "", key = ""] =
    /^\s*([^\s#@]\S*)(\s+(\S+)\s+(AAAA\S+).*)$/.exec(text) ?? [];
  if (names === "") return undefined;
  const hash = names.startsWith("|1|");
  return { names: hash ? [names] : names.split(","), hash, kind, key, rest };
}

/** Names of the wish that the line is about, and the names of the line that stay. */
function parted(
  entry: Entry,
  wanted: readonly string[],
): readonly [mine: readonly string[], others: readonly string[]] {
  if (entry.hash) {
    const mine = wanted.filter((name) => isHashOf(entry.names[0] ?? "", name));
    return [mine, mine.length === 0 ? entry.names : []];
  }
  return [
    entry.names.filter((name) => wanted.includes(name)),
    entry.names.filter((name) => !wanted.includes(name)),
  ];
}

function withNames(line: Line, entry: Entry, names: readonly string[]): readonly Line[] {
  if (names.length === 0) return [];
  return names.length === entry.names.length
    ? [line]
    : [{ ...line, text: `${names.join(",")}${entry.rest}` }];
}

/** Beside the name that is there with this key, else in new lines. */
function withNewNames(doc: Lines, wish: HostKey, missing: readonly string[]): Lines {
  if (missing.length === 0) return doc;
  const line = (names: string) => `${names} ${wish.kind} ${wish.key}`;
  const end = doc.lines.length;
  if (wish.hashed)
    return spliced(
      doc,
      end,
      0,
      missing.map((name) => line(hashOf(name, saltFor(name, wish.key)))),
    );
  const at = doc.lines.findIndex(({ text }) => {
    const entry = entryOf(text);
    const same = entry?.kind === wish.kind && entry.key === wish.key && !entry.hash;
    return same && entry.names.some((name) => wish.names.includes(name));
  });
  const there = entryOf(doc.lines[at]?.text ?? "");
  if (there === undefined) return spliced(doc, end, 0, [line(missing.join(","))]);
  const text = `${[...there.names, ...missing].join(",")}${there.rest}`;
  return withLines(
    doc,
    doc.lines.map((was, i) => (i === at ? { ...was, text } : was)),
  );
}

/** Made of what it salts, so that a dry run says what is then written; no two hosts have one. */
const saltFor = (name: string, key: string) =>
  createHash("sha256").update(`${name}\0${key}`).digest().subarray(0, 20);

/** OpenSSH hashes names in small letters. */
function hashOf(name: string, salt: Uint8Array): string {
  const hash = createHmac("sha1", salt).update(name.toLowerCase()).digest("base64");
  return `|1|${Buffer.from(salt).toString("base64")}|${hash}`;
}

function isHashOf(written: string, name: string): boolean {
  const [, , salt = ""] = written.split("|");
  return hashOf(name, Buffer.from(salt, "base64")) === written;
}
