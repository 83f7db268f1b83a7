/** Opens the store in a SQLite file, making or upgrading it. Must not know who asks. */
import { Database } from "bun:sqlite";
import { open as openFile, stat } from "node:fs/promises";
import type { Store } from "../store.ts";
import { alertStore } from "./alerts.ts";
import { auditStore } from "./audit.ts";
import { type Connection, connection } from "./connection.ts";
import { envoyStore } from "./envoys.ts";
import { copyDatabase } from "./copy.ts";
import { readable } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { requestStore } from "./requests.ts";
import { rolloutStore } from "./rollouts.ts";
import { runStore } from "./runs.ts";
import { tokenStore } from "./tokens.ts";
import { sessionStore } from "./sessions.ts";
import { taskStore } from "./tasks.ts";
import { workflowStore } from "./workflows.ts";
import { traitStore } from "./traits.ts";
import { trendStore } from "./trend.ts";
import { incrementally, vacuum } from "./vacuum.ts";
import { apiTokenStore, metaStore, userStore } from "./users.ts";

/**
 * A commit waits for the disk (synchronous FULL), because an agent forgets a report once it is acknowledged. Statements
 * are synchronous, so a lock held elsewhere holds the whole server: it waits for it no longer than a second.
 */
const settings = [
  "PRAGMA busy_timeout = 1000",
  incrementally,
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = FULL",
  "PRAGMA foreign_keys = ON",
  "PRAGMA cache_size = -16384",
];

/** The folder must be there. Rejects as every method of a `Store` does. */
export async function openStore(file: string): Promise<Store> {
  const database = await open(file);
  const link = connection(database, file);
  return {
    envoys: envoyStore(link),
    traits: traitStore(link),
    tokens: tokenStore(link),
    requests: requestStore(link),
    runs: runStore(link),
    audit: auditStore(link),
    users: userStore(link),
    apiTokens: apiTokenStore(link),
    sessions: sessionStore(link),
    meta: metaStore(link),
    rollouts: rolloutStore(link),
    alerts: alertStore(link),
    tasks: taskStore(link),
    workflows: workflowStore(link),
    trend: trendStore(link),
    size: () => size(file),
    measure: () => measure(database, link),
    vacuum: (at) => vacuum(database, link, at),
    copyTo: (to) => copyDatabase(file, to),
    examine: () => examine(database, link),
    close: () =>
      link.do(() => {
        database.run("PRAGMA wal_checkpoint(TRUNCATE)");
        database.close();
      }),
  };
}

async function open(file: string): Promise<Database> {
  let database: Database | undefined;
  try {
    await makePrivate(file);
    database = new Database(file, { create: true, strict: true });
    for (const setting of settings) database.run(setting);
    migrate(database, Date.now());
    return database;
  } catch (caught) {
    database?.close();
    throw readable(caught, file);
  }
}

/** Before SQLite does, because its journal files take the permissions of the database. */
async function makePrivate(file: string): Promise<void> {
  const handle = await openFile(file, "a", 0o600);
  await handle.chmod(0o600);
  await handle.close();
}

async function size(file: string): Promise<number> {
  const sizes = [file, `${file}-wal`].map(async (path) => {
    try {
      return (await stat(path)).size;
    } catch (caught) {
      if (caught instanceof Error && "code" in caught && caught.code === "ENOENT") return 0;
      throw caught;
    }
  });
  return (await Promise.all(sizes)).reduce((sum, one) => sum + one, 0);
}

async function examine(database: Database, link: Connection): Promise<readonly string[]> {
  const rows = await link.do(() =>
    database.query<{ quick_check: string }, []>("PRAGMA quick_check(10)").all(),
  );
  return rows.map((row) => row.quick_check).filter((line) => line !== "ok");
}

function measure(database: Database, link: Connection): ReturnType<Store["measure"]> {
  const number = (statement: string) =>
    Object.values(database.query<Record<string, number>, []>(statement).get() ?? {})[0] ?? 0;
  return link.do(() => {
    const names = database
      .query<{ name: string }, []>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all();
    return {
      freeBytes: number("PRAGMA freelist_count") * number("PRAGMA page_size"),
      rows: Object.fromEntries(
        names.map(({ name }) => [name, number(`SELECT count(*) FROM "${name}"`)]),
      ),
    };
  });
}
