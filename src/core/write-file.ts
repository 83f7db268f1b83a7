/**
 * Writes files of Vigo's own so that a kill or a power cut leaves the old one or the new one, never half of one. Must not know
 * what is written; managed files go through `Host.write`.
 */
import { dirname } from "node:path";
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
  const draft = `${path}.${process.pid}.${++drafts}.new`;
  try {
    const file = await files.open(draft, "wx", mode);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.chmod(draft, mode);
    await files.rename(draft, path);
  } catch (error) {
    await files.rm(draft, { force: true });
    throw error;
  }
  const parent = await files.open(folder, "r");
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

let drafts = 0;
