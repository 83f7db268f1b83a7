/** What the operating system refused, as an error a person can act on. Must not know which resource asked. */
import { refusal } from "../../../core/refused-paths.ts";

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

/** Rethrows what the system said about doing `what` to `path`; what is not an errno is a bug and stays as it is. */
export function failed(error: unknown, what: string, path: string): unknown {
  if (!isErrno(error)) return error;
  return refusal(error.code, what, path, error);
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
