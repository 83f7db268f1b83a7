/**
 * Reads zip archives (PKWARE's APPNOTE 6.3): stored and deflated entries, no encryption, no archive or entry of 4 GiB and more.
 * Must not know what becomes of the entries. What counts is the directory at the end; contents are held to its CRC.
 */
import { type ArchiveEntry, broken } from "./archive-entry.ts";

const zlib = () => require("node:zlib") as typeof import("node:zlib");

export async function* zipEntries(archive: Uint8Array): AsyncGenerator<ArchiveEntry> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = endOfDirectory(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (at === 0xffffffff || count === 0xffff) throw broken("it is a zip64, which is not unpacked");
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50)
      throw broken("its directory is not where it should be");
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    yield entryAt(archive, view, at, lengths[0] ?? 0);
    at += lengths.reduce((all, length) => all + length, 46);
  }
}

/** It is found from the end, behind a comment of at most 64 KiB. */
function endOfDirectory(view: DataView): number {
  const first = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= first; at -= 1)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  throw broken("it has no directory at its end");
}

function entryAt(
  archive: Uint8Array,
  view: DataView,
  at: number,
  nameLength: number,
): ArchiveEntry {
  const name = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameLength));
  if ((view.getUint16(at + 8, true) & 1) !== 0) throw broken(`${name} is encrypted`);
  const isUnix = view.getUint8(at + 5) === 3;
  const attributes = isUnix ? view.getUint16(at + 40, true) : 0;
  const bytes = view.getUint32(at + 24, true);
  const read = () => contentOf(archive, view, at, name);
  const common = { mode: attributes & 0o7777 || (name.endsWith("/") ? 0o755 : 0o644), bytes };
  const kind = kindOf(name, attributes);
  return {
    ...common,
    name: name.replace(/\/+$/, ""),
    kind,
    ...(kind === "symlink" && { target: new TextDecoder().decode(read()) }),
    async *parts() {
      yield read();
    },
  };
}

function kindOf(name: string, attributes: number): ArchiveEntry["kind"] {
  const type = attributes & 0o170000;
  if (name.endsWith("/")) return "folder";
  if (type === 0o120000) return "symlink";
  return type === 0 || type === 0o100000 ? "file" : "device";
}

function contentOf(archive: Uint8Array, view: DataView, at: number, name: string): Uint8Array {
  const method = view.getUint16(at + 10, true);
  const [crc, packed, bytes] = [16, 20, 24].map((offset) => view.getUint32(at + offset, true)) as [
    number,
    number,
    number,
  ];
  const local = view.getUint32(at + 42, true);
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== 0x04034b50)
    throw broken(`${name} is not where it should be`);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const raw = archive.subarray(start, start + packed);
  if (raw.length < packed) throw broken("it ends in the middle");
  const content = method === 0 ? raw : inflated(raw, method, bytes, name);
  if (content.length !== bytes || zlib().crc32(content) !== crc)
    throw broken(`${name} is not what its checksum says`);
  return content;
}

function inflated(raw: Uint8Array, method: number, bytes: number, name: string): Uint8Array {
  if (method !== 8) throw broken(`${name} is packed by method ${method}, which is not known`);
  if (bytes === 0) return new Uint8Array();
  try {
    return zlib().inflateRawSync(raw, { maxOutputLength: bytes });
  } catch (error) {
    throw broken(`${name} cannot be unpacked`, error);
  }
}
