/** Reads and writes files of the server's own. Must not know what is in them. */
import * as files from "node:fs/promises";
import { ifThere } from "../../core/publish/errno.ts";
import { writeAtomically as write, writeNew as writeFirst } from "../../core/write-file.ts";

/** Whole or not at all, whatever happens (`core/write-file.ts`). */
export const writeAtomically = (
  path: string,
  data: string | Uint8Array,
  mode = 0o600,
): Promise<void> => write(files, path, data, mode);

/** What somebody else has put there meanwhile stays. */
export const writeNew = (path: string, data: string): Promise<void> =>
  writeFirst(files, path, data);

/** Its text, or undefined where there is no such file. */
export const readIfThere = (path: string): Promise<string | undefined> =>
  ifThere(files.readFile(path, "utf8"));
