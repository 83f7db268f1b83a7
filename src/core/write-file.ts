/**
 * Writes files of Vigo's own so that a kill or a power cut leaves the old one or the new one, never half of one. Must not know
 * what is written; managed files go through `Host.write`.
 */
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Files } from "./files.ts";
import { errno } from "./publish/errno.ts";

/** Written beside its place, brought to disk, and renamed into it. Makes the folder (0700) when it is missing. */
export const writeAtomically = (
  files: Files,
  path: string,
  data: string | Uint8Array,
  mode = 0o600,
): Promise<void> => put(files, path, { data, mode }, (draft) => files.rename(draft, path));

/** The same where nothing is yet: what somebody else has put there meanwhile stays. */
export const writeNew = (
  files: Linking,
  path: string,
  data: string | Uint8Array,
  mode = 0o600,
): Promise<void> =>
  put(files, path, { data, mode }, async (draft) => {
    try {
      await files.link(draft, path);
    } catch (error) {
      const code = errno(error);
      if (code === "EEXIST") return files.rm(draft, { force: true });
      if (code === undefined || !unlinkable.includes(code)) throw error;
      return files.rename(draft, path);
    }
    await files.rm(draft, { force: true });
  });

interface Linking extends Files {
  link(from: string, to: string): Promise<void>;
}

/** Of file systems that give a file one name only. */
const unlinkable = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

interface Content {
  readonly data: string | Uint8Array;
  readonly mode: number;
}

async function put(
  files: Files,
  path: string,
  { data, mode }: Content,
  place: (draft: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  await files.mkdir(folder, { recursive: true, mode: 0o700 });
  // Hidden: what a kill leaves of it is nobody's stack, nor anything else that folders are read for.
  const draft = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await toDisk(files, draft, data, mode);
    await place(draft);
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
