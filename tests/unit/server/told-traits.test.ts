import { describe, expect, test } from "bun:test";
import { ToldTraits } from "../../../src/modes/server/envoys/told-traits.ts";
import type { TraitRow, TraitStore } from "../../../src/modes/server/store/store.ts";

const row = (envoyId: string, section: string, value: TraitRow["value"]): TraitRow => ({
  envoyId,
  section,
  value,
  hash: JSON.stringify(value),
  collectedAt: 1,
  stale: false,
});

/** A store of its own kind: rows in a list, and a disk that is full for so many writes. */
function written(...rows: readonly TraitRow[]) {
  const state = { rows: [...rows], fails: 0, writes: 0 };
  const of = (ids: readonly string[]) => state.rows.filter(({ envoyId }) => ids.includes(envoyId));
  const store: TraitStore = {
    of: async (id) => of([id]),
    hashes: async (ids) => of(ids),
    hashesOf: async (ids, name) =>
      of(ids).filter(({ section, value }) => section === name && value !== null),
    some: async (id, names) => of([id]).filter(({ section }) => names.includes(section)),
    ofMany: async (ids, names) => of(ids).filter(({ section }) => names.includes(section)),
    put: async (news) => {
      if (state.fails-- > 0) throw new Error("disk full");
      state.writes++;
      const isNew = (old: TraitRow) =>
        news.some(({ envoyId, section }) => envoyId === old.envoyId && section === old.section);
      state.rows = [...state.rows.filter((old) => !isNew(old)), ...news];
    },
  };
  return { state, store };
}

const valuesOf = (rows: readonly Pick<TraitRow, "envoyId" | "section" | "value">[]) =>
  rows.map(({ envoyId, section, value }) => [envoyId, section, value]);

describe("what is told and not written", () => {
  test("is read in the place of what is written, however it is asked for", async () => {
    const { state, store } = written(row("a", "os", 1), row("a", "time", 2), row("b", "os", 3));
    const told = new ToldTraits(store);
    await told.put([row("a", "os", 10), row("a", "cpu", 11), row("b", "os", null)]);
    expect(state.writes).toBe(0);
    expect(valuesOf(await told.of("a"))).toEqual([
      ["a", "cpu", 11],
      ["a", "os", 10],
      ["a", "time", 2],
    ]);
    expect(valuesOf(await told.ofMany(["a", "b"], ["os"]))).toEqual([
      ["a", "os", 10],
      ["b", "os", null],
    ]);
    const some = await told.some("a", ["os", "time"]);
    expect(some.map(({ section, value }) => [section, value])).toEqual([
      ["time", 2],
      ["os", 10],
    ]);
    // Who told that it has no such thing is left out, as by the store.
    expect((await told.hashesOf(["a", "b"], "os")).map(({ hash }) => hash)).toEqual(["10"]);
    const hashes = (await told.hashes(["a"])).map(({ section, hash }) => [section, hash]);
    expect(hashes.sort()).toEqual([
      ["cpu", "11"],
      ["os", "10"],
      ["time", "2"],
    ]);
    expect([told.isWaiting("a"), told.isWaiting("c")]).toEqual([true, false]);
  });

  test("is written once, and then read from where it is written", async () => {
    const { state, store } = written();
    const told = new ToldTraits(store);
    await told.put([row("a", "os", 1)]);
    await told.put([row("a", "os", 2)]);
    await told.write();
    await told.write();
    expect(valuesOf(state.rows)).toEqual([["a", "os", 2]]);
    expect([state.writes, told.isWaiting("a")]).toEqual([1, false]);
    expect(valuesOf(await told.of("a"))).toEqual([["a", "os", 2]]);
  });

  test("waits on while the disk is full, and is read meanwhile", async () => {
    const { state, store } = written();
    const told = new ToldTraits(store);
    state.fails = 1;
    await told.put([row("a", "os", 1)]);
    let also = 0;
    const write = () => told.write(async () => void also++);
    await expect(write()).rejects.toThrow("disk full");
    expect([also, told.isWaiting("a")]).toEqual([0, true]);
    expect(valuesOf(await told.of("a"))).toEqual([["a", "os", 1]]);
    await write();
    expect([also, state.rows.length]).toEqual([1, 1]);
  });

  test("that came during a write is kept for the next", async () => {
    const { state, store } = written();
    const gate = Promise.withResolvers<void>();
    const slow = {
      ...store,
      put: (rows: readonly TraitRow[]) => gate.promise.then(() => store.put(rows)),
    };
    const told = new ToldTraits(slow);
    await told.put([row("a", "os", 1)]);
    let waitsThen: boolean | undefined;
    const first = told.write(async () => {
      waitsThen = told.isWaiting("a");
    });
    await Promise.resolve();
    await Promise.resolve();
    await told.put([row("a", "os", 2)]);
    gate.resolve();
    await first;
    expect([waitsThen, valuesOf(state.rows)]).toEqual([true, [["a", "os", 1]]]);
    await told.write();
    expect([told.isWaiting("a"), valuesOf(state.rows)]).toEqual([false, [["a", "os", 2]]]);
  });

  test("has a limit: who tells more waits for the disk, and hears when it is full", async () => {
    const { state, store } = written();
    const told = new ToldTraits(store);
    const big = "x".repeat(1_000_000);
    for (let at = 0; at < 5; at++) await told.put([row(`e${at}`, "os", big)]);
    expect(state.writes).toBe(0);
    state.fails = 1;
    await expect(told.put([row("e9", "os", big)])).rejects.toThrow("disk full");
    expect(told.isWaiting("e9")).toBe(false);
    await told.put([row("e9", "os", big)]);
    expect([state.rows.length, told.isWaiting("e9"), told.isWaiting("e0")]).toEqual([
      5,
      true,
      false,
    ]);
  });

  test("beyond the limit is waited for together: one write makes room for all", async () => {
    const { state, store } = written();
    const told = new ToldTraits(store);
    const big = "x".repeat(1_000_000);
    for (let at = 0; at < 5; at++) await told.put([row(`e${at}`, "os", big)]);
    const ids = Array.from({ length: 10 }, (_, at) => `late${at}`);
    await Promise.all(ids.map((id) => told.put([row(id, "os", id)])));
    expect([state.writes, state.rows.length]).toEqual([1, 5]);
    expect(ids.every((id) => told.isWaiting(id))).toBe(true);
    // And again, also where the disk is full at first: all of them hear it.
    for (let at = 0; at < 5; at++) await told.put([row(`f${at}`, "os", big)]);
    state.fails = 1;
    const answers = await Promise.allSettled(ids.map((id) => told.put([row(id, "os", 1)])));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => "rejected"));
    await told.put([row("g", "os", 1)]);
    expect([told.isWaiting("g"), told.isWaiting("f0")]).toEqual([true, false]);
  });

  test("counts against the limit only while it waits, and once", async () => {
    const { state, store } = written();
    const told = new ToldTraits({
      ...store,
      put: (rows) => told.put([row("e9", "cpu", state.writes)]).then(() => store.put(rows)),
    });
    const big = "x".repeat(1_000_000);
    for (let at = 0; at < 9; at++) await told.put([row("e0", "os", `${at}${big}`)]);
    expect(state.writes).toBe(0);
    for (const id of ["e1", "e2", "e3"]) await told.put([row(id, "os", big)]);
    // Something is always told while others are written.
    await told.write();
    expect([state.writes, told.isWaiting("e1"), told.isWaiting("e9")]).toEqual([1, false, true]);
    for (const id of ["e1", "e2", "e3"]) await told.put([row(id, "os", big)]);
    expect(state.writes).toBe(1);
  });

  test("is written a little at a time, and whoever calls is served in between", async () => {
    const { state, store } = written();
    const told = new ToldTraits(store);
    const rows = Array.from({ length: 4_000 }, (_, at) => row(`e${at}`, "os", at));
    await told.put(rows);
    const writesSeen = new Set<number>();
    let isOver = false;
    const look = () => {
      writesSeen.add(state.writes);
      if (!isOver) setImmediate(look);
    };
    setImmediate(look);
    await told.write();
    isOver = true;
    expect(state.rows.length).toBe(4_000);
    // After one write, after two, and so on: never two of them without a look.
    expect(writesSeen.size).toBeGreaterThanOrEqual(state.writes - 1);
    expect(state.writes).toBeGreaterThanOrEqual(8);
  });
});
