/**
 * One publisher at a time: a lock that names its holder, taken over when the holder is gone. Must not know what is done
 * under it, nor how to tell a living process: the mode says that.
 */
import { VigoError } from "../errors.ts";
import type { Files } from "../files.ts";
import { errno, ifThere } from "./errno.ts";

export interface Holder {
  /** Names this process for ever, also after its number is given out again: `PID STARTTIME`. */
  readonly self: string;
  /** Is the process that wrote this name still there? */
  isAlive(holder: string): boolean;
}

/** Runs `work` alone. Rejects with `conflict` while another process holds the lock. */
export async function locked<T>(
  files: Files,
  path: string,
  holder: Holder,
  work: () => Promise<T>,
): Promise<T> {
  await take(files, path, holder);
  try {
    return await work();
  } finally {
    await files.rm(path, { force: true });
  }
}

async function take(files: Files, path: string, holder: Holder): Promise<void> {
  if (await create(files, path, holder.self)) return;
  const other = await ifThere(files.readlink(path));
  if (other !== undefined && holder.isAlive(other))
    throw new VigoError(
      "conflict",
      `another publish is going on (process ${other.split(" ")[0]})`,
      {
        hint: "wait for it to end and try again",
      },
    );
  if (other !== undefined) await setAside(files, path, holder, other);
  if (!(await create(files, path, holder.self))) throw sameMoment();
}

/**
 * Two publishers may find the same dead holder. The lock is moved away by rename, which only one of them can do with the
 * dead one's; who moved a living one's by mistake puts it back.
 */
async function setAside(files: Files, path: string, holder: Holder, dead: string): Promise<void> {
  const aside = `${path}.${holder.self.replaceAll(/\W/g, "-")}`;
  const moved = await ifThere(files.rename(path, aside).then(() => true));
  if (moved === undefined) return;
  if ((await files.readlink(aside)) === dead) return files.rm(aside, { force: true });
  await files.rename(aside, path);
  throw sameMoment();
}

/** A symlink that points to its holder's name: made whole or not at all, which a file with content is not. */
async function create(files: Files, path: string, self: string): Promise<boolean> {
  try {
    await files.symlink(self, path);
    return true;
  } catch (error) {
    if (errno(error) === "EEXIST") return false;
    throw error;
  }
}

const sameMoment = () =>
  new VigoError("conflict", "another publish began at the same moment", { hint: "try again" });
