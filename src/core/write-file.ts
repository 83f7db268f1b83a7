/**
 * Writes files of Vigo's own so that a kill or a power cut leaves the old one or the new one, never half of one. Must not know
 * what is written; managed files go through `Host.write`.
 */
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Files } from "./files.ts";

/** Written beside its place, brought to disk, and renamed into it. Makes the folder (0700) when it is missing. */
export async function writeAtomically(
  files: Files,
  path: string,
  data: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const folder = dirname(path);
  await files.mkdir(folder, { recursive: true, mode: 0o700 });
  // Hidden: what a kill leaves of it is nobody's stack, nor anything else that folders are read for.
  const draft = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await toDisk(files, draft, data, mode);
    await files.rename(draft, path);
  } catch (error) {
    await files.rm(draft, { force: true });
    throw error;
  }
  await syncFolder(files, folder);
}

async function toDisk(files: Files, path: string, data: string | Uint8Array, mode: number) {
  const file = await files.open(path, "wx", mode);
  try {
    await file.writeFile(data);
    // The umask may have taken some of it.
    await files.chmod(path, mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name is on disk when its folder is. */
export async function syncFolder(files: Files, path: string): Promise<void> {
  const folder = await files.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
