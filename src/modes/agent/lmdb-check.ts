/**
 * Looks at an LMDB file before LMDB does: it maps the file and trusts it, so that a file that is not its own, or was cut
 * short, ends the process with a segmentation fault or a bus error instead of an error. Reads the two meta pages only
 * (layout of data version 2, as in the lmdb package). Must not know what is kept in the file.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Offsets of fields from the start of a meta page: a page header of 24 bytes, then MDB_meta. */
const at = { magic: 24, version: 28, pageSize: 48, lastPage: 144 } as const;
const magic = 0xbeefc0de;
const version = 2;

/**
 * Why this environment must not be opened, or undefined: it looks whole, is not there yet, or is empty. `folder` holds
 * `data.mdb`.
 */
export async function damageOf(folder: string): Promise<string | undefined> {
  const file = await open(join(folder, "data.mdb"), "r").catch(absent);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    if (size === 0) return undefined;
    const first = await pageAt(file, 0);
    const pageSize = first.readUInt32LE(at.pageSize);
    if (!isMeta(first) || !isPowerOfTwo(pageSize)) return "it is not an LMDB file of this version";
    const second = await pageAt(file, pageSize);
    if (!isMeta(second)) return "its second meta page is damaged";
    const last = [first, second].map((page) => Number(page.readBigUInt64LE(at.lastPage)));
    const needed = (Math.max(...last) + 1) * pageSize;
    if (size >= needed) return undefined;
    return `it was cut short: ${size} of ${needed} bytes`;
  } finally {
    await file.close();
  }
}

const isMeta = (page: Buffer) =>
  page.readUInt32LE(at.magic) === magic && page.readUInt32LE(at.version) === version;

const isPowerOfTwo = (size: number) => size >= 512 && size <= 65_536 && (size & (size - 1)) === 0;

/** The start of a page; what is beyond the end of the file reads as zeros. */
async function pageAt(file: Awaited<ReturnType<typeof open>>, position: number) {
  const page = Buffer.alloc(at.lastPage + 8);
  await file.read(page, 0, page.length, position);
  return page;
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === "ENOENT") return undefined;
  throw error;
};
