/**
 * Unpacks an archive into a folder and nowhere else. All of it is read and judged before the first byte is written: names that
 * lead out of the folder, links that do, devices, and archives that grow beyond measure are refused as a whole. Must not know
 * why it is unpacked.
 */
import { VigoError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type ArchiveEntry, broken } from "./archive-entry.ts";
import { tarEntries } from "./tar.ts";
import { zipEntries } from "./zip.ts";

const zlib = () => require("node:zlib") as typeof import("node:zlib");

export interface UnpackLimits {
  readonly entries: number;
  /** Unpacked bytes. */
  readonly bytes: number;
  /** Unpacked bytes for each packed one, beyond the first 64 MiB. */
  readonly growth: number;
}

export const unpackLimits: UnpackLimits = { entries: 200_000, bytes: 16 * 1024 ** 3, growth: 200 };

const free = 64 * 1024 ** 2;

type Format = "zip" | "gzip" | "zstd" | "bzip2" | "xz" | "tar";

/** By its first bytes, whatever its name. */
export function formatOf(archive: Uint8Array): Format {
  const format = formatIn(archive);
  if (format !== undefined) return format;
  throw new VigoError("failed", "it is no archive that can be unpacked", {
    hint: "tar (plain, gz, bz2, xz, zst) and zip are known",
  });
}

export const isArchive = (bytes: Uint8Array): boolean => formatIn(bytes) !== undefined;

function formatIn(archive: Uint8Array): Format | undefined {
  const begins = (...magic: readonly number[]) => magic.every((byte, at) => archive[at] === byte);
  if (begins(0x50, 0x4b, 3, 4) || begins(0x50, 0x4b, 5, 6)) return "zip";
  if (begins(0x1f, 0x8b)) return "gzip";
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  if (begins(0x42, 0x5a, 0x68)) return "bzip2";
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)) return "xz";
  return new TextDecoder().decode(archive.subarray(257, 262)) === "ustar" ? "tar" : undefined;
}

/** Programs for what no library at hand unpacks. */
export const unpackers: Readonly<Partial<Record<Format, string>>> = { bzip2: "bzip2", xz: "xz" };

/** Entries as they come; asked anew for each pass. */
function entriesOf(archive: Uint8Array): AsyncIterable<ArchiveEntry> {
  const format = formatOf(archive);
  if (format === "zip") return zipEntries(archive);
  if (format === "tar") return tarEntries(whole(archive));
  return tarEntries(decompressed(archive, format));
}

async function* whole(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  yield archive;
}

async function* decompressed(archive: Uint8Array, format: Format): AsyncGenerator<Uint8Array> {
  if (format !== "gzip" && format !== "zstd") throw new Error(`${format} is unpacked elsewhere`);
  const stream = format === "gzip" ? zlib().createGunzip() : zlib().createZstdDecompress();
  stream.end(archive);
  try {
    for await (const part of stream) yield part as Uint8Array;
  } catch (error) {
    if (error instanceof VigoError) throw error;
    throw broken("it cannot be decompressed", error);
  }
}

interface Planned {
  /** Relative to the folder; safe. */
  readonly name: string;
  readonly kind: ArchiveEntry["kind"];
  /** Of a hard link: the name inside the folder. */
  readonly target?: string;
}

/** What would be unpacked, in order. Rejects for the whole archive. */
export async function planUnpacking(
  archive: Uint8Array,
  strip: number,
  limits: UnpackLimits = unpackLimits,
): Promise<readonly Planned[]> {
  const plan: Planned[] = [];
  const links = new Set<string>();
  const most = Math.min(limits.bytes, free + archive.length * limits.growth);
  let bytes = 0;
  let count = 0;
  for await (const entry of entriesOf(archive)) {
    bytes += entry.bytes;
    count += 1;
    if (bytes > most || count > limits.entries) throw tooMuch(bytes, most, limits);
    const planned = plannedEntry(entry, strip);
    if (planned === undefined) continue;
    mustStayInside(planned, links);
    if (planned.kind === "symlink") links.add(planned.name);
    plan.push(planned);
  }
  return plan;
}

const tooMuch = (bytes: number, most: number, { entries }: UnpackLimits) =>
  new VigoError(
    "failed",
    bytes > most
      ? `the archive unpacks to more than ${most} bytes`
      : `the archive has more than ${entries} entries`,
    { hint: "it grows beyond measure: nothing was unpacked; is it the right one?" },
  );

const refused = (name: string, why: string) =>
  new VigoError(
    "failed",
    `the archive holds ${JSON.stringify(name)}, ${why}: nothing was unpacked`,
    {
      hint: "do not trust this archive; ask whoever made it",
    },
  );

/** Undefined for what strip_components takes away, and for the folder itself. */
function plannedEntry(entry: ArchiveEntry, strip: number): Planned | undefined {
  if (entry.kind === "device") throw refused(entry.name, "a device or pipe");
  const name = safeName(entry.name, entry.name, strip);
  if (name === "") return undefined;
  if (entry.kind === "symlink") mustLeadInside(name, entry.target ?? "");
  if (entry.kind !== "hardlink") return { name, kind: entry.kind };
  return { name, kind: "hardlink", target: safeName(entry.target ?? "", entry.name, strip) };
}

function safeName(written: string, entry: string, strip: number): string {
  if (/^(?:\/|[A-Za-z]:[\\/])|\\/.test(written))
    throw refused(entry, "a name that is no plain relative path");
  if (written.includes("\0")) throw refused(entry, "a name with a zero byte");
  const parts = written.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refused(entry, "a name that leads out of the folder");
  return parts.slice(strip).join("/");
}

function mustLeadInside(name: string, target: string): void {
  if (target.startsWith("/") || target === "")
    throw refused(name, `a link to ${target || "nothing"}`);
  const at = name.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") {
      if (at.pop() === undefined) throw refused(name, `a link to ${target}, out of the folder`);
    } else if (part !== "" && part !== ".") at.push(part);
  }
}

/** Nothing is written through a link of the archive's own. */
function mustStayInside({ name, kind, target }: Planned, links: ReadonlySet<string>): void {
  const goesThrough = (path: string) =>
    path
      .split("/")
      .some((_, depth, parts) => depth > 0 && links.has(parts.slice(0, depth).join("/")));
  if (
    goesThrough(name) ||
    (kind === "hardlink" && (goesThrough(target ?? "") || links.has(target ?? "")))
  )
    throw refused(name, "which goes through a link of the archive");
}

/** Files belong to the agent's account; set-id bits and writing by others are left out. The folder must be there. */
export async function unpack(
  host: Host,
  archive: Uint8Array,
  folder: string,
  strip: number,
): Promise<readonly string[]> {
  const plan = await planUnpacking(archive, strip);
  const ready = new Set([folder]);
  const names: string[] = [];
  for await (const entry of entriesOf(archive)) {
    const planned = plannedEntry(entry, strip);
    if (planned === undefined) continue;
    const path = `${folder}/${planned.name}`;
    const isFolder = planned.kind === "folder";
    await folders(host, isFolder ? path : path.slice(0, path.lastIndexOf("/")), folder, ready);
    if (!isFolder) await place(host, entry, planned, path, folder);
    names.push(planned.name);
  }
  if (names.length !== plan.length) throw broken("it reads differently the second time");
  return names;
}

/** Every folder down to this one is a folder, and no link that leads elsewhere. */
async function folders(host: Host, path: string, top: string, ready: Set<string>): Promise<void> {
  if (ready.has(path)) return;
  await folders(host, path.slice(0, path.lastIndexOf("/")), top, ready);
  const there = await host.stat(path);
  if (there === undefined) await host.mkdir(path, { mode: 0o755 });
  else if (there.kind !== "directory")
    throw new VigoError(
      "failed",
      `${path} is a ${there.kind}, and the archive has a folder of that name`,
      {
        hint: "move it away, or unpack elsewhere",
      },
    );
  ready.add(path);
}

async function place(
  host: Host,
  entry: ArchiveEntry,
  planned: Planned,
  path: string,
  folder: string,
) {
  const there = await host.stat(path);
  if (there?.kind === "directory")
    throw new VigoError("failed", `${path} is a folder, and the archive has a file of that name`, {
      hint: "move it away, or unpack elsewhere",
    });
  if (there !== undefined && (planned.kind !== "file" || there.kind !== "file" || there.links > 1))
    await host.remove(path);
  if (planned.kind === "symlink") return await host.symlink(path, entry.target ?? "");
  if (planned.kind === "hardlink") return await host.link(path, `${folder}/${planned.target}`);
  await host.write(path, streamOf(entry.parts()), { mode: entry.mode & 0o755 });
}

function streamOf(parts: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const source = parts[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
