/** Runs in memory answer as those in the database do, as long as there is room. */
import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { readSettings } from "../../../src/modes/server/config/read.ts";
import { prepare, prepareFolders } from "../../../src/modes/server/first-start/prepare.ts";
import { homeAt } from "../../../src/modes/server/home.ts";
import { revealing } from "../../../src/modes/server/secrets/reveal.ts";
import { MemoryRuns, runsInMemory } from "../../../src/modes/server/store/memory-runs.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { RunStore, Store } from "../../../src/modes/server/store/store.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { enrolled, entry, run } from "./rows.ts";

const envoys = ["e1", "e2", "e3"];

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "vigo-store-"));
  const store = await openStore(join(folder, "vigo.db"));
  try {
    return await work(store);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

const envoyId = fc.constantFrom(...envoys);
const number = fc.integer({ min: 1, max: 12 });
const time = fc.integer({ min: 0, max: 6 });
const outcome = fc.constantFrom("converged", "changed", "failed") as fc.Arbitrary<"changed">;
const causes = fc.subarray(["drift", "intent", "upstream"] as const, { maxLength: 3 });

const oneRun = fc
  .record({ number, startedAt: time, outcome, causes })
  .map(({ number: n, ...more }) => run("e1", n, more));
const oneSpan = fc
  .record({ envoyId, first: number, length: fc.nat(4), firstAt: time, lasts: fc.nat(4) })
  .map(({ envoyId: id, first, length, firstAt, lasts }) => ({
    envoyId: id,
    first,
    last: first + length,
    firstAt,
    lastAt: firstAt + lasts,
  }));
const place = fc.record({ startedAt: time, envoyId, number });
const limit = fc.integer({ min: 1, max: 5 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
/** Without the keys that are undefined. */
const given = <T extends object>(query: T) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as T;

type Step = (store: RunStore) => Promise<unknown>;

const newestFirst = (rows: readonly { readonly envoyId: string }[]) =>
  // Of several envoys the order is nobody's business.
  envoys.map((id) => rows.filter((row) => row.envoyId === id));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ id: envoyId, runs: fc.array(oneRun, { maxLength: 4 }), spans: fc.array(oneSpan) })
    .map(
      ({ id, runs, spans }): Step =>
        (store) =>
          store.record(id, runs, spans),
    ),
  fc.array(oneSpan).map(
    (spans): Step =>
      (store) =>
        store.recordSpans(spans),
  ),
  fc
    .record({
      envoyId: maybe(envoyId),
      outcome: maybe(outcome),
      since: maybe(time),
      before: maybe(place),
      limit,
    })
    .map(
      (query): Step =>
        (store) =>
          store.page(given(query) as Parameters<RunStore["page"]>[0]),
    ),
  fc.record({ since: time, before: maybe(place), limit }).map(
    (query): Step =>
      (store) =>
        store.drifted(given(query) as { since: number; limit: number }),
  ),
  fc.tuple(envoyId, number).map(
    ([id, n]): Step =>
      (store) =>
        store.find(id, n),
  ),
  fc.tuple(envoyId, limit, time).map(
    (asked): Step =>
      (store) =>
        store.spans(...asked),
  ),
  fc.integer({ min: 1, max: 3 }).map(
    (n): Step =>
      async (store) =>
        newestFirst(await store.newest(n)),
  ),
  fc.constant<Step>(async (store) => newestFirst(await store.newestSpans())),
  time.map((before): Step => async (store) => [
    await store.older(before),
    await store.prune(before, 1_000),
  ]),
);

test("whatever is told and asked, memory says what the database says", () =>
  withStore(async (store) => {
    await enrolled(store, ...envoys);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        await store.runs.prune(Number.MAX_SAFE_INTEGER, 1_000_000);
        const memory = new MemoryRuns(1_000);
        for (const one of steps) expect(await one(memory)).toEqual(await one(store.runs));
      }),
      { numRuns: 60 },
    );
  }));

describe("memory", () => {
  test("keeps the newest of each envoy, as many as there is room for", async () => {
    const memory = new MemoryRuns(3);
    for (const n of [1, 5, 2, 4, 3]) await memory.record("e1", [run("e1", n)], []);
    await memory.record("e2", [run("e2", 1)], []);
    const numbers = (await memory.page({ limit: 10 })).map(({ envoyId: id, number: n }) => [id, n]);
    expect(numbers.sort()).toEqual([
      ["e1", 3],
      ["e1", 4],
      ["e1", 5],
      ["e2", 1],
    ]);
    const span = { envoyId: "e1", last: 9, firstAt: 1, lastAt: 2 };
    await memory.recordSpans([6, 7, 8, 9].map((first) => ({ ...span, first })));
    expect((await memory.spans("e1", 10)).map(({ first }) => first)).toEqual([9, 8, 7]);
  });

  test("forgets little by little what it is told to, and then what the database has", () =>
    withStore(async (store) => {
      await enrolled(store, "e1");
      await store.runs.record("e1", [run("e1", 1), run("e1", 2)], []);
      const both = runsInMemory(store, 100);
      await both.runs.record("e1", [run("e1", 3), run("e1", 4), run("e1", 5)], []);
      expect(await both.runs.older(Number.MAX_SAFE_INTEGER)).toBe(5);
      expect(await both.runs.prune(Number.MAX_SAFE_INTEGER, 2)).toBe(2);
      expect(await both.runs.prune(Number.MAX_SAFE_INTEGER, 2)).toBe(2);
      expect(await both.runs.prune(Number.MAX_SAFE_INTEGER, 2)).toBe(1);
      expect(await store.runs.page({ limit: 10 })).toEqual([]);
    }));

  test("forgets an envoy that is deleted, and leaves everything else to the database", () =>
    withStore(async (store) => {
      const memory = runsInMemory(store, 100);
      await enrolled(memory, "e1", "e2");
      for (const id of ["e1", "e2"]) await memory.runs.record(id, [run(id, 1)], []);
      expect(await memory.envoys.delete("e1", entry())).toBe(false);
      await memory.envoys.revoke("e1", 1, entry());
      expect(await memory.envoys.delete("e1", entry())).toBe(true);
      expect((await memory.runs.page({ limit: 10 })).map((row) => row.envoyId)).toEqual(["e2"]);
      expect(await store.runs.page({ limit: 10 })).toEqual([]);
      expect((await store.envoys.all()).map(({ id }) => id)).toEqual(["e2"]);
    }));
});

test("server.yaml says where runs are", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vigo-store-"));
  const home = homeAt(folder, {});
  const heldAfterRestart = async (config: string): Promise<number> => {
    await writeFile(home.config, config);
    const settings = await readSettings(home, revealing(home));
    const { store } = await prepare(home, settings, new Date());
    if ((await store.envoys.all()).length === 0) await enrolled(store, "e1");
    await store.runs.record("e1", [run("e1", 1)], []);
    expect(await store.runs.page({ limit: 10 })).toHaveLength(1);
    await store.close();
    const again = (await prepare(home, settings, new Date())).store;
    const held = await again.runs.page({ limit: 10 });
    await again.close();
    return held.length;
  };
  try {
    await prepareFolders(home);
    expect(await heldAfterRestart("database: {run_store: memory, run_store_capacity: 7}\n")).toBe(
      0,
    );
    expect(await heldAfterRestart("database: {run_store: database}\n")).toBe(1);
  } finally {
    await removeRoom(folder);
  }
});
