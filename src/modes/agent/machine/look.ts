/**
 * The questions about files: stat, read, digest, list. Must not know who asks, and changes nothing.
 * System calls are synchronous: over a thousand small files that is several times faster than promises, and whatever is
 * long (a digest of a big file) gives way in between.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { VigoError } from "../../../core/errors.ts";
import type { Stamp, Stat } from "../../../core/host.ts";
import { notAFile } from "../../../core/refused-paths.ts";
import { hasCode, orFail, unlessAbsent } from "./failure.ts";
import { holdsFolders, type Spot, type Walker } from "./walk.ts";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
const chunk = 64 * 1024;
const betweenPauses = 8 * 1024 * 1024;
/** Whole files in memory; what is bigger is compared by its digest. */
const mostBytes = 128 * 1024 * 1024;

/** Runs work on the entry at a path, and lets its folder go again. */
export function at<T>(
  walker: Walker,
  path: string,
  follow: boolean,
  work: (spot: Spot) => T,
): T | undefined {
  const spot = walker.locate(path, follow);
  if (spot === undefined) return undefined;
  try {
    return work(spot);
  } finally {
    spot.close();
  }
}

/** In a folder that stays put one look tells whether there is a link to follow at all. */
export function stat(walker: Walker, path: string, follow: boolean): Stat | undefined {
  const known = walker.known(path);
  if (known !== undefined) {
    // A link may go, or refuse to be read, between the two looks: a process that ends takes its descriptors with it.
    const found = unlessAbsent("look at", path, () => {
      const entry = fs.lstatSync(known.at);
      return follow && entry.isSymbolicLink() ? "link" : describe(entry, known);
    });
    if (found !== "link") return found;
  }
  return at(walker, path, follow, (spot) =>
    unlessAbsent("look at", path, () => describe(fs.lstatSync(spot.at), spot)),
  );
}

/** Kernels make these up as they are read, and say nothing of when they changed. */
const madeUp = /^\/(?:proc|sys|dev)\//;
/** But these are values: what they say is what they are. */
const kernelParameter = /^\/proc\/sys(?!.*\/\.\.?(?:\/|$))\/./;

export function stamp(walker: Walker, path: string): Stamp | undefined {
  if (madeUp.test(path)) return kernelParameter.test(path) ? stampOfValue(path) : undefined;
  // The first look at a folder finds out whether it stays put.
  const spot = walker.known(path) ?? at(walker, path, false, () => walker.known(path));
  if (spot === undefined) return undefined;
  return orFail("look at", path, () => {
    const found = fs.lstatSync(spot.at, { throwIfNoEntry: false });
    if (found === undefined) return { mark: "absent", changedAt: 0 };
    const { dev, ino, mode, uid, gid, nlink, size, mtimeMs, ctimeMs } = found;
    if (found.isSymbolicLink()) return undefined;
    const mark = `${dev} ${ino} ${mode} ${uid} ${gid} ${nlink} ${size} ${mtimeMs} ${ctimeMs}`;
    return { mark, changedAt: ctimeMs };
  });
}

/** Undefined where there is none, or it cannot be read: that is for the check to say. */
function stampOfValue(path: string): Stamp | undefined {
  try {
    return { mark: fs.readFileSync(path, "latin1"), changedAt: 0 };
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

function describe(found: fs.Stats, spot: Spot): Stat {
  const kind = kindOf(found);
  const plain: Stat = {
    kind,
    bytes: found.size,
    mode: found.mode & 0o7777,
    uid: found.uid,
    gid: found.gid,
    modified: found.mtime,
    links: found.nlink,
    inode: `${found.dev}:${found.ino}`,
  };
  return kind === "symlink" ? { ...plain, target: fs.readlinkSync(spot.at) } : plain;
}

function kindOf(found: fs.Stats): Stat["kind"] {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "directory";
  return found.isSymbolicLink() ? "symlink" : "other";
}

/** An open regular file, its owner proven to be whoever made the links that led there. The caller closes it. */
export function openFile(spot: Spot, path: string): number | undefined {
  const fd = unlessAbsent("open", path, () => {
    try {
      return fs.openSync(spot.at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (hasCode(error, "ENXIO")) throw notAFile(path);
      throw error;
    }
  });
  if (fd === undefined) return undefined;
  try {
    const found = fs.fstatSync(fd);
    if (!found.isFile()) throw notAFile(path);
    mustBelong(spot, found, path);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** A link that a user made may lead to their own files only. */
export function mustBelong(spot: Spot, found: fs.Stats, path: string): void {
  if (spot.maker === undefined || spot.maker === found.uid) return;
  throw new VigoError(
    "failed",
    `refused to follow ${path}: a symlink of user ${spot.maker} leads to a file of user ${found.uid}`,
    { hint: "write the real path, or let root make the symlink" },
  );
}

const buffer = Buffer.allocUnsafe(chunk);

export const read = (walker: Walker, path: string, limit?: number): Uint8Array | undefined =>
  at(walker, path, true, (spot) => {
    const fd = openFile(spot, path);
    if (fd === undefined) return undefined;
    try {
      return orFail("read", path, () => bytesOf(fd, path, limit));
    } finally {
      fs.closeSync(fd);
    }
  });

/** From the start of an open file. Sizes are not believed: those of /proc are 0, and files grow while they are read. */
export function bytesOf(fd: number, path: string, limit = mostBytes + 1): Uint8Array {
  let room = buffer.subarray(0, limit);
  let total = 0;
  while (total < limit) {
    if (total === room.length) room = roomier(room, fd, limit);
    const got = fs.readSync(fd, room, total, room.length - total, total);
    if (got === 0) break;
    total += got;
  }
  if (total > mostBytes)
    throw new VigoError("limited", `${path} is larger than ${mostBytes / 1024 / 1024} MiB`, {
      hint: "files of that size are compared by their sha256, not by their content",
    });
  const bytes = room.subarray(0, total);
  return room.buffer === buffer.buffer ? Buffer.from(bytes) : bytes;
}

/** For the file as large as it says it is, and a byte to see that it ends there. */
function roomier(full: Buffer<ArrayBuffer>, fd: number, limit: number): Buffer<ArrayBuffer> {
  const wanted = Math.max(fs.fstatSync(fd).size + 1, full.length * 2);
  const room = Buffer.allocUnsafeSlow(Math.min(wanted, limit));
  full.copy(room);
  return room;
}

export async function digest(walker: Walker, path: string): Promise<string | undefined> {
  const fd = at(walker, path, true, (spot) => openFile(spot, path));
  if (fd === undefined) return undefined;
  const hash = createHash("sha256");
  try {
    for (let total = 0; ;) {
      const got = orFail("read", path, () => fs.readSync(fd, buffer, 0, chunk, total));
      if (got === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, got));
      total += got;
      if (total % betweenPauses === 0) await new Promise(setImmediate);
    }
  } finally {
    fs.closeSync(fd);
  }
}

export const list = (walker: Walker, path: string): readonly string[] | undefined =>
  at(walker, path, true, (spot) => {
    const folder = openFolder(spot, path);
    if (folder === undefined) return undefined;
    try {
      return orFail("list", path, () => fs.readdirSync(folder.address)).sort();
    } finally {
      folder.close();
    }
  });

export interface OpenFolder {
  /** What its entries are addressed through. */
  readonly address: string;
  readonly fd: number;
  readonly found: fs.Stats;
  close(): void;
}

/** A folder that stays the same one until `close`; undefined where there is none. */
export function openFolder(spot: Spot, path: string): OpenFolder | undefined {
  const fd = unlessAbsent("open", path, () =>
    fs.openSync(spot.at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
  );
  if (fd === undefined) return undefined;
  const found = fs.fstatSync(fd);
  const address = holdsFolders ? `/proc/self/fd/${fd}` : spot.at;
  const folder = { address, fd, found, close: () => fs.closeSync(fd) };
  try {
    mustBelong(spot, found, path);
    return folder;
  } catch (error) {
    folder.close();
    throw error;
  }
}
