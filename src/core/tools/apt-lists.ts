/**
 * The lists that apt has fetched, as the files they are: which belong to the sources in use, what their releases say of
 * themselves, and their paragraphs. Formats: sources.list(5), deb-control(5). Must not know which version is wanted.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { isLz4, lz4Pieces } from "./lz4.ts";
import type { PackageSource } from "./package-sources.ts";

export const listsFolder = "/var/lib/apt/lists";
/** Of one list as it is kept; Debian's largest has 50 MB. */
const mostBytes = 128 * 1024 * 1024;
/** The fields of a release come before its checksums. */
const headBytes = 16 * 1024;
const mostParagraphBytes = 8 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

export interface AptList {
  readonly path: string;
  /** Name or address of who serves it. */
  readonly server: string;
  /** What apt gives packages from there that no pin speaks of: apt_preferences(5). */
  readonly priority: number;
  /** `stable-security`; empty where the release does not say. */
  readonly archive: string;
}

/**
 * What the names of a source's lists begin with: its address without scheme and account, odd characters as %xx and slashes as
 * underscores, in small letters. A repository that is one flat folder has a suite that ends with a slash.
 */
export function listPrefix({ url, suite }: Pick<PackageSource, "url" | "suite">): string {
  const [release = ""] = suite.split(" ");
  const address = url.replace(/^[a-z+]+:\/*(?:[^/@]*@)?/, "").replace(/\/?$/, "/");
  const flat = release === "/" ? "" : release;
  return `${address}${release.endsWith("/") ? flat : `dists/${release}/`}`
    .replace(/[\\|{}[\]<>"^~_=!@#$%&*]/g, (odd) => `%${odd.charCodeAt(0).toString(16)}`)
    .replaceAll("/", "_")
    .toLowerCase();
}

/** Undefined where a list is kept in a form that is not read here, or comes in a way that leaves none. */
export async function aptLists(
  host: ReadHost,
  sources: readonly PackageSource[],
  architectures: ReadonlySet<string>,
): Promise<readonly AptList[] | undefined> {
  const names = (await host.list(listsFolder)) ?? [];
  const found = new Map<string, AptList>();
  for (const source of sources) {
    if (!/^https?:/.test(source.url) || source.suite.includes("$(")) return undefined;
    const prefix = listPrefix(source);
    const server = new URL(source.url).hostname;
    const release = await releaseOf(host, names, prefix);
    const wanted = new Set(indexNames(source, architectures).map((name) => prefix + name));
    for (const name of names) {
      const [, plain = "", form] = /^(.*_packages)(?:\.(.*))?$/i.exec(name) ?? [];
      if (!wanted.has(plain.toLowerCase())) continue;
      if (form !== undefined && form !== "lz4") return undefined;
      found.set(name, { path: `${listsFolder}/${name}`, server, ...release });
    }
  }
  return [...found.values()];
}

function indexNames({ suite }: PackageSource, architectures: ReadonlySet<string>): string[] {
  const [, ...components] = suite.split(" ");
  if (components.length === 0) return ["packages"];
  return components.flatMap((component) =>
    [...architectures, "all"].map((arch) =>
      `${component.replaceAll("/", "_")}_binary-${arch}_packages`.toLowerCase(),
    ),
  );
}

async function releaseOf(host: ReadHost, names: readonly string[], prefix: string) {
  const name = ["inrelease", "release"]
    .map((end) => names.find((it) => it.toLowerCase() === prefix + end))
    .find((it) => it !== undefined);
  const bytes = name && (await host.read(`${listsFolder}/${name}`, { limit: headBytes }));
  const head = bytes ? new TextDecoder().decode(bytes).split(/^(?:MD5Sum|SHA\d+):/m, 1)[0] : "";
  const field = (key: string) => new RegExp(`^${key}: *(.*?) *$`, "m").exec(head ?? "")?.[1] ?? "";
  const isLater = field("NotAutomatic") === "yes";
  const low = field("ButAutomaticUpgrades") === "yes" ? 100 : 1;
  return { priority: isLater ? low : 500, archive: field("Suite") };
}

/**
 * The paragraphs of a list that are about these packages. A list has fifty thousand others, so it stays bytes but for names.
 * Gives way in between.
 */
export async function eachParagraph(
  host: ReadHost,
  { path }: AptList,
  names: ReadonlySet<string>,
  look: (name: string, paragraph: string) => void,
): Promise<void> {
  const bytes = (await host.read(path, { limit: mostBytes })) ?? new Uint8Array();
  let rest: Buffer = Buffer.from("\n");
  for (const piece of isLz4(bytes) ? lz4Pieces(bytes) : piecesOf(bytes)) {
    const part = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const [first, last] = [part.indexOf("\n\n"), part.lastIndexOf("\n\n")];
    if (first < 0) {
      rest = Buffer.concat([rest, part]);
      if (rest.length > mostParagraphBytes) throw new VigoError("limited", `${path} is no list`);
      continue;
    }
    search(Buffer.concat([rest, part.subarray(0, first + 1)]), names, look);
    search(part.subarray(first + 1, last + 1), names, look);
    rest = Buffer.from(part.subarray(last + 1));
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  search(rest, names, look);
}

const nameField = "\nPackage: ";

/** Whole paragraphs, from the end of the line before the first one on. */
function search(
  list: Buffer,
  names: ReadonlySet<string>,
  look: (name: string, paragraph: string) => void,
): void {
  for (let at = list.indexOf(nameField); at >= 0; at = list.indexOf(nameField, at + 1)) {
    const start = at + nameField.length;
    const name = list.toString("latin1", start, orEnd(list, list.indexOf(0x0a, start)));
    if (!names.has(name)) continue;
    const before = list.lastIndexOf("\n\n", at);
    const after = orEnd(list, list.indexOf("\n\n", start));
    look(name, list.toString("latin1", before < 0 ? 0 : before + 1, after));
  }
}

const orEnd = (list: Buffer, at: number): number => (at < 0 ? list.length : at);

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
