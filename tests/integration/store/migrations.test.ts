/** Databases of every age there ever was, each with a row in every table: how they come to be of today, and what a kill in between leaves. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../../../src/modes/server/store/sqlite/migrate.ts";
import { migrations } from "../../../src/modes/server/store/sqlite/migrations.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";

type Row = Readonly<Record<string, unknown>>;

const inFile = async (work: (file: string) => Promise<void>) => {
  const folder = await mkdtemp(join(tmpdir(), "vigo-migrations-"));
  try {
    await work(join(folder, "vigo.db"));
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** As the version that knew so many steps left it. */
function oldDatabase(file: string, steps: number): void {
  const database = new Database(file, { create: true, strict: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA foreign_keys = ON");
  migrate(database, 1, migrations.slice(0, steps));
  for (const table of tables(database)) {
    const columns = database
      .query<{ name: string; type: string }, []>(`PRAGMA table_info(${table})`)
      .all();
    const values = columns.map(({ name, type }) => valueFor[type]?.(name) ?? null);
    const marks = columns.map(() => "?").join(", ");
    database.query(`INSERT INTO ${table} VALUES (${marks})`).run(...values);
  }
  database.close();
}

/** The same in every table, so that what refers to another row finds it; and it is JSON. */
const valueFor: Readonly<Record<string, (column: string) => string | number | Uint8Array>> = {
  INTEGER: () => 1,
  TEXT: () => "1",
  BLOB: () => new Uint8Array(32).fill(7),
};

const tables = (database: Database): string[] =>
  database
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migrations' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )
    .all()
    .map(({ name }) => name);

interface Found {
  readonly steps: number;
  readonly shape: readonly (string | null)[];
  readonly rows: Readonly<Record<string, readonly Row[]>>;
}

function lookInto(file: string): Found {
  const database = new Database(file);
  try {
    expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(database.query("PRAGMA foreign_key_check").all()).toEqual([]);
    const schema = database.query<{ sql: string | null }, []>(
      "SELECT sql FROM sqlite_schema ORDER BY name",
    );
    const steps = database.query<{ n: number }, []>("SELECT max(id) AS n FROM migrations").get();
    const rows = tables(database).map((table) => [
      table,
      database.query<Row, []>(`SELECT * FROM ${table}`).all(),
    ]);
    return {
      steps: steps?.n ?? 0,
      shape: schema.all().map(({ sql }) => sql),
      rows: Object.fromEntries(rows),
    };
  } finally {
    database.close();
  }
}

/** Every row of before, with every column it had. */
function expectKept(before: Found, after: Found): void {
  for (const [table, rows] of Object.entries(before.rows))
    expect([table, after.rows[table]]).toEqual([
      table,
      rows.map((row) => expect.objectContaining(row)),
    ]);
}

const toToday = async (file: string): Promise<Found> => {
  const store = await openStore(file);
  expect(await store.examine()).toEqual([]);
  expect((await store.envoys.all()).map(({ id }) => id)).toEqual(["1"]);
  await store.close();
  return lookInto(file);
};

const dying = async (file: string, statements: number): Promise<unknown> => {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "dies-migrating.ts"), file, String(statements)],
    { stdin: "ignore", stdout: "inherit", stderr: "inherit" },
  );
  await child.exited;
  return child.signalCode;
};

describe.each(migrations.map(({ id, name }) => [id, name] as const))("step %i, %s", (id) => {
  test("is reached by what was there before, whole, and so is today", () =>
    inFile(async (file) => {
      oldDatabase(file, id);
      const before = lookInto(file);
      expect(before.steps).toBe(id);
      const after = await toToday(file);
      expect(after.steps).toBe(migrations.length);
      expectKept(before, after);
    }));

  // The ledger is one statement, a step are two: its tables, and the note that it was made.
  test.each(
    // Before the first there is nothing that could be lost.
    id === 1 ? [] : [["its tables are made", 2] as const, ["it is noted", 3] as const],
  )(
    "is not begun by one who is killed when %s, and then made by the next",
    (_, statements) =>
      inFile(async (file) => {
        oldDatabase(file, id - 1);
        const before = lookInto(file);
        expect(await dying(file, statements)).toBe("SIGKILL");
        expect(lookInto(file)).toEqual(before);
        const after = await toToday(file);
        expect(after.steps).toBe(migrations.length);
        expectKept(before, after);
      }),
    20_000,
  );
});

test.each(migrations.slice(0, -1).map(({ id, name }) => [id, name] as const))(
  "step %i, %s, stays made when the next one is killed",
  (id) =>
    inFile(async (file) => {
      oldDatabase(file, 1);
      const before = lookInto(file);
      // All of the steps up to this one, and the tables of the next.
      expect(await dying(file, 1 + (id - 1) * 2 + 1)).toBe("SIGKILL");
      const between = lookInto(file);
      expect(between.steps).toBe(id);
      expectKept(before, between);
      expectKept(between, await toToday(file));
    }),
  20_000,
);

test("a first start that is killed anywhere leaves nothing in the way of the second", async () => {
  for (let statements = 1; statements <= 1 + 2 * migrations.length; statements += 3)
    await inFile(async (file) => {
      expect([statements, await dying(file, statements)]).toEqual([statements, "SIGKILL"]);
      const store = await openStore(file);
      expect([await store.examine(), await store.envoys.all()]).toEqual([[], []]);
      await store.close();
      expect(lookInto(file).steps).toBe(migrations.length);
    });
}, 20_000);
