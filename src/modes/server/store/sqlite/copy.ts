/**
 * A consistent copy of a database that goes on being written: made and checked by a thread with a connection of its own, so that nobody
 * waits for it. The thread is a text because an executable has no second program in it. Must not know what is in the database.
 */
import { open, rm } from "node:fs/promises";
import { VigoError } from "../../../../core/errors.ts";
import { said } from "./errors.ts";

/** https://www.sqlite.org/lang_vacuum.html#vacuuminto: of one moment, without what holds nothing any more. */
const thread = `
import { Database } from "bun:sqlite";
self.onmessage = ({ data: { from, to } }) => {
  let database;
  try {
    database = new Database(from, { readonly: true });
    if (to !== undefined) {
      database.query("VACUUM INTO ?").run(to);
      database.close();
      database = new Database(to, { readonly: true });
    }
    const rows = database.query("PRAGMA integrity_check(10)").all();
    const { step } = database.query("SELECT max(id) AS step FROM migrations").get();
    database.close();
    postMessage({ problems: rows.map((row) => row.integrity_check).filter((line) => line !== "ok"), step });
  } catch (error) {
    postMessage({ problems: [error.message], step: 0, code: error.code });
  }
};`;

interface Examined {
  /** One line each; nothing when it is sound. */
  readonly problems: readonly string[];
  /** The newest step that was made of its tables. */
  readonly step: number;
  /** Of what SQLite could not do. */
  readonly code?: string;
}

/** `to` must not be there. Leaves nothing when there is no room for it, or the database is damaged. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  // SQLite takes an empty file, and the permissions it has.
  await (await open(to, "wx", 0o600)).close();
  const { problems, code = "" } = await inThread({ from, to });
  if (problems.length === 0) return;
  await rm(to, { force: true });
  throw (
    said(code, code.startsWith("SQLITE_FULL") ? to : from) ??
    new VigoError("failed", `database ${from} cannot be copied: ${problems.join("; ")}`, {
      hint: "vigo cli doctor says more about it",
    })
  );
}

/** Reads all of it, and changes nothing. */
export const examineDatabase = (file: string): Promise<Examined> => inThread({ from: file });

async function inThread(what: { readonly from: string; readonly to?: string }): Promise<Examined> {
  const address = URL.createObjectURL(new Blob([thread], { type: "text/javascript" }));
  const worker = new Worker(address);
  try {
    return await new Promise<Examined>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data as Examined);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(what);
    });
  } finally {
    worker.terminate();
    URL.revokeObjectURL(address);
  }
}
