/** Why a path is not written to, in the words of the run and of the dry run before it. Must not know who looks. */
import { VigoError, type Failure } from "./errors.ts";

export const folderMissing = (what: string, path: string): VigoError =>
  new VigoError("failed", `cannot ${what} ${path}: its folder is not there`, {
    hint: "declare the folder as a directory resource",
  });

/** Another name for it may be somebody else's. */
export const hasManyNames = (path: string, names: number): VigoError =>
  new VigoError("failed", `refused to follow ${path}: it has ${names} names (hard links)`, {
    hint: "find the others with find -samefile, and keep one",
  });

export const refusedToFollow = (path: string, why: string): VigoError =>
  new VigoError("failed", `refused to follow ${path}: ${why}`, {
    hint: "write the real path, or let root make the symlink in a folder only root writes",
  });

export const goesInCircles = (path: string): VigoError =>
  refusedToFollow(path, "the symlinks on the way go round in circles");

export const notAFile = (path: string): VigoError =>
  new VigoError("failed", `cannot read ${path}: it is not a regular file`, {
    hint: "remove it or choose another path",
  });

export const notForLinks = (path: string): VigoError =>
  new VigoError("failed", `cannot link to ${path}: it is not a regular file`, {
    hint: "hard links are for files; use link_type soft",
  });

type Words = readonly [failure: Failure, message: string, hint: string];

/** By errno. `unavailable` is what only the world can mend (a full disk), everything else is for the operator. */
const known: Readonly<Record<string, Words>> = {
  ENOENT: ["failed", "it is not there", "declare the folder above it as well"],
  ENOTDIR: ["failed", "a folder on the way is a file", "remove that file or choose another path"],
  EACCES: ["denied", "permission denied", "the agent must run as root to manage it"],
  EPERM: ["denied", "not permitted", "is the agent root, and is the file not immutable (lsattr)?"],
  EROFS: ["unavailable", "the file system is mounted read-only", "look for errors in dmesg"],
  ENOSPC: ["unavailable", "no space left on the device", "free some space or inodes (df, df -i)"],
  EDQUOT: ["unavailable", "the disk quota is used up", "raise the quota or free some space"],
  EIO: ["unavailable", "the device reports an error", "look at the disk: dmesg, smartctl"],
  EISDIR: ["failed", "it is a folder", "remove the folder or choose another path"],
  EEXIST: ["failed", "something is there already", "remove it or choose another path"],
  ENOTEMPTY: ["failed", "the folder is not empty", "remove what is in it first"],
  EBUSY: ["failed", "it is in use", "is it a mount point?"],
  ENAMETOOLONG: ["failed", "the name is too long", "choose a shorter one"],
  ELOOP: ["failed", "refused to follow a symlink", "it changed while it was being looked at"],
  EMFILE: ["unavailable", "too many open files", "raise LimitNOFILE of the agent's unit"],
};

/** What the system said, by its errno, about doing `what` to `path`. */
export function refusal(code: string, what: string, path: string, cause?: unknown): VigoError {
  const [failure, message, hint] = known[code] ?? ["failed", code, undefined];
  return new VigoError(failure, `cannot ${what} ${path}: ${message}`, { hint, cause });
}
