import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { VigoError } from "../../../src/core/errors.ts";
import { firstBroken } from "../../../src/modes/server/audit/chain.ts";
import { connection } from "../../../src/modes/server/store/sqlite/connection.ts";
import { migrate } from "../../../src/modes/server/store/sqlite/migrate.ts";
import { migrations } from "../../../src/modes/server/store/sqlite/migrations.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import { runStore } from "../../../src/modes/server/store/sqlite/runs.ts";
import * as schema from "../../../src/modes/server/store/sqlite/schema.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import { storeConformance } from "./conformance.ts";
import { enrolled, entry, noise, run } from "./rows.ts";

const place = async () => {
  const folder = await mkdtemp(join(tmpdir(), "vigo-store-"));
  const file = join(folder, "vigo.db");
  return {
    file,
    open: () => openStore(file),
    remove: () => rm(folder, { recursive: true }),
  };
};

storeConformance("sqlite", place);

const inPlace = async (work: (here: Awaited<ReturnType<typeof place>>) => Promise<void>) => {
  const here = await place();
  try {
    await work(here);
  } finally {
    await here.remove();
  }
};

const refusal = async (promise: Promise<unknown>): Promise<VigoError> => {
  const caught = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (caught instanceof VigoError) return caught;
  throw new Error(`expected a VigoError, got ${caught}`);
};

describe("sqlite: a vacuum", () => {
  /** So many runs of 2 KB are forgotten. */
  const emptied = async (store: Store, runs: number) => {
    if ((await store.envoys.all()).length === 0) await enrolled(store, "e1");
    const [resource] = run("e1", 1).resources;
    const wide = resource ? [{ ...resource, reason: noise(2_000) }] : [];
    const rows = Array.from({ length: runs }, (_, at) => run("e1", at + 1, { resources: wide }));
    await store.runs.record("e1", rows, []);
    await store.runs.prune(Number.MAX_SAFE_INTEGER, runs + 1);
  };

  test("serves everybody meanwhile", () =>
    inPlace(async ({ open }) => {
      const store = await open();
      await emptied(store, 6_000);
      let [done, served] = [false, 0];
      const vacuum = store.vacuum().finally(() => (done = true));
      while (!done) {
        await store.meta.set("served", String(++served));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await vacuum;
      expect(served).toBeGreaterThan(5);
      expect((await store.measure()).freeBytes).toBe(0);
      expect(await store.examine()).toEqual([]);
      await store.close();
    }));

  test("also frees what an older version has made", () =>
    inPlace(async ({ file, open }) => {
      const older = new Database(file, { create: true, strict: true });
      older.run("PRAGMA journal_mode = WAL");
      migrate(older, 1);
      older.close();
      const store = await open();
      for (let again = 0; again < 2; again++) {
        await emptied(store, 400);
        const before = await store.size();
        await store.vacuum();
        expect(await store.size()).toBeLessThan(before - 400_000);
        expect((await store.measure()).freeBytes).toBe(0);
      }
      await store.close();
    }));
});

describe("sqlite: a copy", () => {
  test("is whole, of one moment, and made while it is written to", () =>
    inPlace(async ({ file, open }) => {
      const store = await open();
      await enrolled(store, "e1");
      for (let number = 1; number <= 50; number++)
        await store.runs.record("e1", [run("e1", number)], []);
      let [done, written] = [false, 50];
      const copying = store.copyTo(`${file}.copy`).finally(() => (done = true));
      while (!done) await store.runs.record("e1", [run("e1", ++written)], []);
      await copying;
      expect(written).toBeGreaterThan(50);
      await store.close();
      const copy = await openStore(`${file}.copy`);
      const numbers = (await copy.runs.page({ limit: 100_000 })).map(({ number }) => number);
      numbers.sort((a, b) => a - b);
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
      expect(numbers.length).toBeGreaterThanOrEqual(50);
      expect(await copy.examine()).toEqual([]);
      await copy.close();
    }));

  test("is not made over a file that is there, nor of a database that is damaged", () =>
    inPlace(async ({ file, open }) => {
      const store = await open();
      await enrolled(store, "e1");
      for (let number = 1; number <= 200; number++)
        await store.runs.record("e1", [run("e1", number)], []);
      const copy = `${file}.copy`;
      await writeFile(copy, "something");
      await expect(store.copyTo(copy)).rejects.toThrow("EEXIST");
      expect(await readFile(copy, "utf8")).toBe("something");
      await rm(copy);
      await store.close();
      const bytes = await readFile(file);
      bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8_192);
      await writeFile(file, bytes);
      const damaged = await open();
      expect((await refusal(damaged.copyTo(copy))).failure).toBe("failed");
      expect(await stat(copy).catch(({ code }: NodeJS.ErrnoException) => code)).toBe("ENOENT");
      await damaged.close();
    }));
});

describe("sqlite: what can be wrong with the file", () => {
  test("not a database", () =>
    inPlace(async ({ file, open }) => {
      await writeFile(
        file,
        "this is a text file, long enough to have a header of its own\n".repeat(20),
      );
      const { failure, message, hint } = await refusal(open());
      expect([failure, message]).toEqual([
        "failed",
        `database ${file}: the file is no SQLite database`,
      ]);
      expect(hint).toContain("restore it from a backup");
    }));

  test("no folder", () =>
    inPlace(async ({ file }) => {
      const { failure, message } = await refusal(openStore(`${file}/deeper/vigo.db`));
      expect(failure).toBe("unavailable");
      expect(message).toContain("cannot be opened");
    }));

  test("locked by another program", () =>
    inPlace(async ({ file, open }) => {
      const store = await open();
      const other = new Database(file);
      try {
        other.run("BEGIN IMMEDIATE");
        const { failure, message } = await refusal(store.meta.set("a", "b"));
        expect([failure, message]).toEqual([
          "unavailable",
          `database ${file}: it is locked by another program`,
        ]);
        other.run("ROLLBACK");
        await store.meta.set("a", "b");
      } finally {
        other.close();
        await store.close();
      }
    }));

  test("disk full", () =>
    inPlace(async ({ file, open }) => {
      const store = await open();
      await enrolled(store, "e1");
      const database = new Database(file);
      const pages = database.query<{ page_count: number }, []>("PRAGMA page_count").get();
      database.run(`PRAGMA max_page_count = ${(pages?.page_count ?? 0) + 4}`);
      const full = runStore(connection(database, file));
      const long = [
        run("e1", 1, { resources: [] }),
        run("e1", 2, {
          resources: [
            { key: noise(100_000), type: "file", outcome: "ok", changes: [], duration_ms: 0 },
          ],
        }),
      ];
      const { failure, message, hint } = await refusal(full.record("e1", long, []));
      expect([failure, message]).toEqual(["unavailable", `database ${file}: the disk is full`]);
      expect(hint).toContain("free space");
      expect(await store.runs.page({ limit: 9 })).toEqual([]);
      database.close();
      await store.close();
    }));

  test("is readable by its owner only", () =>
    inPlace(async ({ file, open }) => {
      const store = await open();
      await store.meta.set("a", "b");
      for (const path of [file, `${file}-wal`, `${file}-shm`])
        expect([path, (await stat(path)).mode & 0o077]).toEqual([path, 0]);
      await store.close();
    }));
});

describe("sqlite: migrations", () => {
  test("count up from 1", () => {
    expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, n) => n + 1));
  });

  test("make the very columns that queries expect", () =>
    inPlace(async ({ file, open }) => {
      await (await open()).close();
      const database = new Database(file, { readonly: true });
      for (const table of Object.values(schema)) {
        const { name, columns } = getTableConfig(table);
        type Info = { name: string; type: string; notnull: number; pk: number };
        const real = database.query<Info, []>(`PRAGMA table_info(${name})`).all();
        const wanted = columns.map((column) => [column.name, column.getSQLType().toUpperCase()]);
        expect([name, real.map((column) => [column.name, column.type])]).toEqual([name, wanted]);
        const nullable = columns.filter((column) => !column.notNull && !column.primary);
        const open = real.filter((column) => column.notnull === 0 && column.pk === 0);
        expect([name, open.map((column) => column.name)]).toEqual([
          name,
          nullable.map((column) => column.name),
        ]);
      }
      database.close();
    }));

  test("leave runs that were written in plain text as they can be read", () =>
    inPlace(async ({ file, open }) => {
      const store = await open();
      await enrolled(store, "e1");
      const rows = [run("e1", 1), run("e1", 2)].map((row) => ({
        ...row,
        causes: ["drift"] as const,
      }));
      await store.runs.record("e1", rows, []);
      await store.close();
      const older = new Database(file, { strict: true });
      older
        .query("UPDATE runs SET packed = NULL, resources = ? WHERE number = 1")
        .run(JSON.stringify(rows[0]?.resources));
      older.close();
      const newer = await open();
      expect(await newer.runs.drifted({ since: 0, limit: 9 })).toEqual([...rows].reverse());
      expect([await newer.runs.find("e1", 1), await newer.runs.find("e1", 2)]).toEqual(rows);
      await newer.close();
    }));

  test("leave a broken step not begun, and go on from there", () => {
    const database = new Database(":memory:");
    const steps = [
      { id: 1, name: "one", sql: "CREATE TABLE a (x)" },
      { id: 2, name: "two", sql: "CREATE TABLE b (x); CREATE TABLE a (again)" },
    ];
    expect(() => migrate(database, 1, steps)).toThrow("already exists");
    const tables = () =>
      database
        .query<{ name: string }, []>(
          "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        )
        .all()
        .map(({ name }) => name);
    expect(tables()).toEqual(["a", "migrations"]);
    migrate(database, 1, [...steps.slice(0, 1), { id: 2, name: "two", sql: "CREATE TABLE b (x)" }]);
    migrate(database, 1, [...steps.slice(0, 1), { id: 2, name: "two", sql: "CREATE TABLE b (x)" }]);
    expect(tables()).toEqual(["a", "b", "migrations"]);
  });

  test("refuse the tables of a newer program", () => {
    const database = new Database(":memory:");
    migrate(database, 1, [
      { id: 1, name: "one", sql: "SELECT 1" },
      { id: 2, name: "two", sql: "SELECT 1" },
    ]);
    expect(() => migrate(database, 1, [{ id: 1, name: "one", sql: "SELECT 1" }])).toThrow(
      "newer vigo",
    );
  });
});

describe("sqlite: the audit chain", () => {
  test.each([
    ["a changed entry", "UPDATE audit SET actor = 'nobody' WHERE id = 2", 2],
    ["a removed entry", "DELETE FROM audit WHERE id = 3", 3],
    ["a rewritten hash", "UPDATE audit SET hash = 'ab' WHERE id = 1", 1],
  ])("shows %s", (_, tamper, at) =>
    inPlace(async ({ file, open }) => {
      const store = await open();
      for (let n = 0; n < 5; n++) await store.audit.append(entry());
      const other = new Database(file);
      other.run(tamper);
      other.close();
      expect(await firstBroken(store.audit)).toBe(at);
      await store.close();
    }),
  );
});
