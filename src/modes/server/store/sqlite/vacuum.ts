/**
 * Gives pages that hold nothing back to the disk, some at a time, so that nobody waits for long. Must not know what is in the database.
 * https://www.sqlite.org/pragma.html#pragma_incremental_vacuum
 */
import type { Database } from "bun:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Connection } from "./connection.ts";

/** Pages moved at once, some milliseconds' work. */
const step = 500;

/** Before there is a table, or it needs a whole VACUUM. */
export const incrementally = "PRAGMA auto_vacuum = INCREMENTAL";

const numberOf = (database: Database, pragma: string): number =>
  Object.values(database.query<Record<string, number>, []>(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0;

/** `at` is told how many pages are done, of all that hold nothing at the beginning. */
export async function vacuum(
  database: Database,
  link: Connection,
  at: (done: number, all: number) => void = () => {},
): Promise<void> {
  // One that an older vigo has made is rewritten once, and nobody is served meanwhile.
  if (numberOf(database, "auto_vacuum") !== 2)
    await link.do(() => {
      database.run(incrementally);
      database.run("VACUUM");
    });
  let free = numberOf(database, "freelist_count");
  const all = free;
  for (let before = free + 1; free > 0 && free < before;) {
    await link.do(() => database.query(`PRAGMA incremental_vacuum(${step})`).all());
    await setImmediate();
    before = free;
    free = numberOf(database, "freelist_count");
    at(all - free, all);
  }
  // What was moved stands in the journal as well until it is written back.
  await link.do(() => database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
}
