/**
 * One server a home. The lock is SQLite's on a file of its own: the kernel lets go of it when the process ends, however it
 * ends. Must not know what a server does.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { VigoError } from "../../../core/errors.ts";

/** Gives the way to unlock. Throws `conflict` when another process has it. */
export function lockHome(file: string, home: string): () => void {
  const database = new Database(file, { create: true });
  try {
    database.run("PRAGMA journal_mode = DELETE");
    database.run("BEGIN EXCLUSIVE");
  } catch (caught) {
    database.close();
    if (!(caught instanceof SQLiteError) || !caught.code?.startsWith("SQLITE_BUSY")) throw caught;
    throw new VigoError("conflict", `another server runs in ${home}`, {
      hint: "stop it first, or give this one a --home of its own",
    });
  }
  return () => database.close();
}
