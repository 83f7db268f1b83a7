/**
 * What SQLite says, in words that tell a person what to do. Must not know which statement was run.
 * Codes: https://www.sqlite.org/rescode.html
 */
import { SQLiteError } from "bun:sqlite";
import { type Failure, VigoError } from "../../../../core/errors.ts";

type Reading = readonly [failure: Failure, what: string, hint: string];

/** By the beginning of the code's name, so that extended codes find their primary one. */
const readings: Readonly<Record<string, Reading>> = {
  SQLITE_FULL: ["unavailable", "the disk is full", "free space on its disk; nothing was lost"],
  SQLITE_BUSY: [
    "unavailable",
    "it is locked by another program",
    "stop that program and try again",
  ],
  SQLITE_LOCKED: [
    "unavailable",
    "it is locked by another program",
    "stop that program and try again",
  ],
  SQLITE_READONLY: [
    "unavailable",
    "it cannot be written",
    "check owner and permissions of the file and its folder",
  ],
  SQLITE_PERM: [
    "unavailable",
    "permission was refused",
    "check owner and permissions of the file and its folder",
  ],
  SQLITE_CANTOPEN: [
    "unavailable",
    "it cannot be opened",
    "check that its folder exists and is writable",
  ],
  SQLITE_IOERR: [
    "unavailable",
    "its disk fails to read or write",
    "check the disk and the kernel's log",
  ],
  SQLITE_NOTADB: [
    "failed",
    "the file is no SQLite database",
    "restore it from a backup, or move it away to begin anew",
  ],
  SQLITE_CORRUPT: ["failed", "the file is damaged", "restore it from a backup"],
};

/** Anything that SQLite did not say, or that only a bug explains (a broken constraint), comes back as it was. */
export function readable(caught: unknown, file: string): unknown {
  if (caught instanceof Error && "syscall" in caught)
    return new VigoError(
      "unavailable",
      `database ${file}: it cannot be opened (${caught.message})`,
      {
        hint: "check that its folder exists and is writable",
        cause: caught,
      },
    );
  if (!(caught instanceof SQLiteError)) return caught;
  return said(caught.code ?? "", file, caught) ?? caught;
}

/** By a code alone; undefined for one that only a bug explains. */
export function said(code: string, file: string, cause?: unknown): VigoError | undefined {
  const name = Object.keys(readings).find((known) => code.startsWith(known));
  const reading = name === undefined ? undefined : readings[name];
  if (reading === undefined) return undefined;
  const [failure, what, hint] = reading;
  return new VigoError(failure, `database ${file}: ${what}`, { hint, cause });
}
