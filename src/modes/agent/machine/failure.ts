/**
 * What the operating system refused, as an error a person can act on. Must not know which resource asked.
 * `unavailable` is what only the world can mend (a full disk), everything else is for the operator.
 */
import { VigoError, type Failure } from "../../../core/errors.ts";

interface Errno extends Error {
  readonly code: string;
}

const isErrno = (error: unknown): error is Errno =>
  error instanceof Error && typeof (error as { readonly code?: unknown }).code === "string";

/** Nothing is there: the entry itself, or a folder on the way to it. */
export const isAbsence = (error: unknown): boolean =>
  isErrno(error) && (error.code === "ENOENT" || error.code === "ENOTDIR");

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  isErrno(error) && codes.includes(error.code);

type Words = readonly [failure: Failure, message: string, hint: string];

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

/** Rethrows what the system said about doing `what` to `path`; what is not an errno is a bug and stays as it is. */
export function failed(error: unknown, what: string, path: string): unknown {
  if (!isErrno(error)) return error;
  const [failure, message, hint] = known[error.code] ?? ["failed", error.code, undefined];
  return new VigoError(failure, `cannot ${what} ${path}: ${message}`, { hint, cause: error });
}

/** Runs one piece of work on a path; undefined where nothing is there. */
export function unlessAbsent<T>(what: string, path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw failed(error, what, path);
  }
}

/** Runs one piece of work on a path; whatever the system refuses becomes a `VigoError`. */
export function orFail<T>(what: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failed(error, what, path);
  }
}
