/**
 * A tree as one text that travels: gzip over each file's path, length and bytes, in base64. What comes from elsewhere is held to
 * the limits of a tree (semantics §7) before it is believed. Must not know who sends it, nor what the files mean.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { VigoError } from "../errors.ts";
import { byPath, isIgnored } from "../policy/layout.ts";
import { limits } from "../policy/limits.ts";
import type { Tree } from "../policy/model.ts";
import { manifestName } from "./home.ts";

const longestPath = 4096;
/** Before compression: the files, and what stands in front of each. */
const mostBytes = limits.treeBytes + limits.files * 256;
/** In base64, when nothing can be compressed. */
export const mostPacked = Math.ceil((mostBytes * 4) / 3) + 65_536;

/** Each file is `PATH NUL LENGTH LF BYTES`. */
export function packTree({ files }: Tree): string {
  const parts = [...files].flatMap(([path, bytes]) => [
    Buffer.from(`${path}\0${bytes.length}\n`),
    bytes,
  ]);
  return gzipSync(Buffer.concat(parts)).toString("base64");
}

/** Throws `invalid` for what is no tree, or too large for one. */
export function unpackTree(packed: string): Tree {
  const bytes = inflate(packed);
  const found: [string, Uint8Array][] = [];
  let size = 0;
  for (let at = 0; at < bytes.length;) {
    const { path, length, start } = headAt(bytes, at);
    size += length;
    if (found.length === limits.files) throw refused(`more than ${limits.files} files`);
    if (length > limits.fileBytes) throw refused(`${path} has more than 1 MiB`);
    if (size > limits.treeBytes) throw refused("its files have more than 64 MiB");
    if (start + length > bytes.length) throw refused("it ends in the middle of a file");
    found.push([checked(path), new Uint8Array(bytes.subarray(start, start + length))]);
    at = start + length;
  }
  const files = new Map(found.sort(([a], [b]) => byPath(a, b)));
  if (files.size < found.length) throw refused("a file is in it twice");
  return { files };
}

function inflate(packed: string): Buffer {
  try {
    return gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: mostBytes });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    const tooLarge = cause.code === "ERR_BUFFER_TOO_LARGE";
    throw refused(tooLarge ? "it has more than 64 MiB" : "it is no gzip in base64", cause);
  }
}

function headAt(bytes: Buffer, at: number) {
  const end = bytes.indexOf(0, at);
  const stop = end === -1 ? -1 : bytes.indexOf(10, end);
  if (stop === -1 || end - at > longestPath || stop - end > 12)
    throw refused("it is not made of paths, lengths and bytes");
  const length = bytes.toString("latin1", end + 1, stop);
  if (!/^\d{1,10}$/.test(length)) throw refused("it is not made of paths, lengths and bytes");
  return { path: bytes.toString("utf8", at, end), length: Number(length), start: stop + 1 };
}

/** What reading a folder would not give is not taken from an archive either. */
function checked(path: string): string {
  const parts = path.split("/");
  const strange = parts.some((part) => part === "" || part === "." || part === "..");
  const ignored = parts.some((_, index) => isIgnored(parts.slice(0, index + 1).join("/")));
  if (strange || ignored || path === manifestName || /[\p{Cc}\ufffd]/u.test(path))
    throw refused(`${JSON.stringify(path)} is no path of a tree`);
  if (parts.length > limits.folders + 1) throw refused(`${path}: folders nested too deep`);
  return path;
}

const refused = (why: string, cause?: unknown) =>
  new VigoError("invalid", `the tree cannot be taken: ${why}`, { cause });
