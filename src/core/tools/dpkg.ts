/**
 * dpkg's database and its order of versions. Formats: dpkg(1), deb-version(7), Debian Policy 5.6.12.
 * Must not know what is wanted, nor how packages are installed.
 */
import type { ReadHost, Stat } from "../host.ts";
import { fileText } from "./file-text.ts";
import { compareDigits } from "./version-parts.ts";

export interface Installed {
  readonly version: string;
  /** `installed`, `config-files`, `half-configured` … */
  readonly status: string;
  /** apt may not change it. */
  readonly held: boolean;
  /** Its purge was begun, and perhaps not finished. */
  readonly doomed?: true;
  /** Its installation was cut short: dpkg does nothing with it but install it again. */
  readonly cutShort?: true;
}

export const statusFile = "/var/lib/dpkg/status";
/** What dpkg has done since it last wrote the status; empty unless it is at work, or was cut short. */
export const journalFolder = "/var/lib/dpkg/updates";
type Database = ReadonlyMap<string, Installed>;

/** By machine: its os is one object for the whole run, whoever wraps the host. */
const parsed = new WeakMap<
  ReadHost["os"],
  { readonly stamp: string; readonly database: Database }
>();

/** Packages by `name` and `name:architecture`; parsed again only when dpkg has written it. Empty where there is no dpkg. */
export async function dpkgDatabase(host: ReadHost): Promise<Database> {
  const files = [statusFile, ...(await journal(host))];
  const stamp = (await Promise.all(files.map((path) => host.stat(path)))).map(stampOf).join(" ");
  const known = parsed.get(host.os);
  if (known?.stamp === stamp) return known.database;
  const database = parseStatus(await dpkgStatus(host), host.os.arch);
  parsed.set(host.os, { stamp, database });
  return database;
}

/** The text of it, by what the journal says; empty where there is no dpkg. */
export async function dpkgStatus(host: ReadHost): Promise<string> {
  const status = new TextDecoder().decode((await host.read(statusFile)) ?? new Uint8Array());
  const files = await journal(host);
  if (files.length === 0) return status;
  const updates = await Promise.all(files.map((path) => fileText(host, path)));
  return withUpdates(status, updates.join("\n\n"));
}

/** In the order they were written; dpkg prepares the next one as `tmp.i`. */
const journal = async (host: ReadHost): Promise<readonly string[]> =>
  ((await host.list(journalFolder)) ?? [])
    .filter((name) => /^\d+$/.test(name))
    .sort()
    .map((name) => `${journalFolder}/${name}`);

/** Paragraphs that were written anew stand in the place of the old ones; what is gone may have no architecture any more. */
export function withUpdates(status: string, updates: string): string {
  const latest = new Map<string, string>();
  for (const paragraph of updates.split(/\n\n+/)) latest.set(keyOf(paragraph), paragraph.trim());
  latest.delete(":");
  const names = new Set([...latest.keys()].filter((key) => key.endsWith(":")));
  const kept = status
    .split("\n\n")
    .filter((it) => !latest.has(keyOf(it)) && !names.has(`${fieldOf(it, "Package")}:`));
  return [...kept, ...latest.values(), ""].join("\n\n");
}

const keyOf = (paragraph: string) =>
  `${fieldOf(paragraph, "Package")}:${fieldOf(paragraph, "Architecture")}`;

/** What every system has, by Debian Policy 2.5 and 3.8. */
export const vitalPackages = (status: string): ReadonlySet<string> =>
  new Set(
    status.split("\n\n").flatMap((paragraph) => {
      const isVital = /^(?:Essential|Protected): yes$|^Priority: (?:required|important)$/m.test(
        paragraph,
      );
      return isVital ? (/^Package: (\S+)$/m.exec(paragraph)?.[1] ?? []) : [];
    }),
  );

const stampOf = (found: Stat | undefined) =>
  found === undefined ? "" : `${found.modified.getTime()}:${found.bytes}:${found.inode ?? ""}`;

/** Paragraphs of fields. A bare name means the machine's own architecture, or `all`, before any foreign one. */
export function parseStatus(text: string, arch: string): Database {
  const database = new Map<string, Installed>();
  for (const paragraph of text.split("\n\n")) {
    const field = (name: string) => fieldOf(paragraph, name);
    const name = field("Package");
    const [want, flag, status] = field("Status").split(" ");
    if (name === "" || status === undefined || status === "not-installed") continue;
    const installed: Installed = {
      version: field("Version"),
      status,
      held: want === "hold",
      ...(want === "purge" && { doomed: true }),
      ...(flag === "reinstreq" && { cutShort: true }),
    };
    const own = [arch, "all"].includes(field("Architecture"));
    database.set(`${name}:${field("Architecture")}`, installed);
    if (own || !database.has(name)) database.set(name, installed);
  }
  return database;
}

/** A database has thousands of paragraphs, and a search for a text is faster than a pattern. */
function fieldOf(paragraph: string, name: string): string {
  const key = `${name}:`;
  const at = paragraph.startsWith(key) ? 0 : paragraph.indexOf(`\n${key}`) + 1;
  if (at === 0 && !paragraph.startsWith(key)) return "";
  const end = paragraph.indexOf("\n", at);
  return paragraph.slice(at + key.length, end < 0 ? undefined : end).trim();
}

/** Negative when `a` comes before `b`, 0 when they are the same version. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [split(a), split(b)];
  return (
    x.epoch - y.epoch ||
    compareParts(x.upstream, y.upstream) ||
    compareParts(x.revision, y.revision)
  );
}

/** `[epoch:]upstream[-revision]`; a missing revision is the lowest one. */
function split(version: string) {
  const colon = version.indexOf(":");
  const epoch = colon < 0 ? 0 : Number(version.slice(0, colon));
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return dash < 0
    ? { epoch, upstream: rest, revision: "" }
    : { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** By turns a stretch without digits, letter by letter, and a number. */
function compareParts(a: string, b: string): number {
  let [x, y] = [a, b];
  while (x !== "" || y !== "") {
    const [wordA, wordB] = [/^\D*/, /^\D*/].map((re, i) => re.exec(i === 0 ? x : y)?.[0] ?? "");
    const words = compareWords(wordA ?? "", wordB ?? "");
    if (words !== 0) return words;
    x = x.slice(wordA?.length);
    y = y.slice(wordB?.length);
    const [numberA = "", numberB = ""] = [/^\d*/.exec(x)?.[0], /^\d*/.exec(y)?.[0]];
    const numbers = compareDigits(numberA, numberB);
    if (numbers !== 0) return numbers;
    x = x.slice(numberA.length);
    y = y.slice(numberB.length);
  }
  return 0;
}

/** A tilde comes before the end of the stretch, letters before all other signs. */
function compareWords(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = weight(a[i]) - weight(b[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function weight(sign: string | undefined): number {
  if (sign === "~") return -1;
  if (sign === undefined) return 0;
  const code = sign.charCodeAt(0);
  return /[A-Za-z]/.test(sign) ? code : code + 256;
}
