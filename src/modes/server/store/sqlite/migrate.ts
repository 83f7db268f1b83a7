/**
 * Brings a database up to this program's tables. Each step and the note that it was made are one transaction, so a kill at
 * any point leaves the step either made or not begun. Must not know the tables.
 */
import type { Database } from "bun:sqlite";
import { VigoError } from "../../../../core/errors.ts";
import { type Migration, migrations } from "./migrations.ts";

const ledger = `CREATE TABLE IF NOT EXISTS migrations (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`;

export function migrate(
  database: Database,
  now: number,
  steps: readonly Migration[] = migrations,
): void {
  database.run(ledger);
  const done = latest(database);
  const newest = steps.at(-1)?.id ?? 0;
  if (done > newest)
    throw new VigoError(
      "failed",
      `the database has the tables of a newer vigo (step ${done}; this one knows ${newest})`,
      { hint: "start the newer version again, or restore a backup from before the upgrade" },
    );
  for (const step of steps) apply(database, step, now);
}

/** Looked up inside the transaction: another process may have made the step meanwhile. */
function apply(database: Database, { id, name, sql }: Migration, now: number): void {
  const step = database.transaction(() => {
    if (latest(database) >= id) return;
    database.run(sql);
    database.run("INSERT INTO migrations (id, name, applied_at) VALUES (?, ?, ?)", [id, name, now]);
  });
  step.immediate();
}

const latest = (database: Database): number =>
  database.query<{ id: number }, []>("SELECT coalesce(max(id), 0) AS id FROM migrations").get()
    ?.id ?? 0;
