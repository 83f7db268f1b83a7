/** What every store must remember of how things went. */
import { describe, expect, test } from "bun:test";
import type { Store, TrendRow } from "../../../src/modes/server/store/store.ts";
import { enrolled, noise, run } from "./rows.ts";

export function historyConformance(
  name: string,
  fresh: (work: (store: Store) => Promise<void>) => Promise<void>,
): void {
  describe(`${name}: history`, () => {
    test("runs with drift are found by time, page by page, and no others", () =>
      fresh(async (store) => {
        await enrolled(store, "e1", "e2");
        const intended = run("e1", 2, { causes: ["intent"] });
        const failed = run("e1", 4, { causes: [], outcome: "failed" });
        const mixed = run("e1", 5, { causes: ["intent", "drift"] });
        await store.runs.record("e1", [run("e1", 1), intended, run("e1", 3), failed, mixed], []);
        await store.runs.record("e2", [run("e2", 3)], []);
        const first = await store.runs.drifted({ since: 2_000, limit: 2 });
        expect(first.map(keyOf)).toEqual(["e1 5", "e2 3"]);
        expect(first[1]).toEqual(run("e2", 3));
        const before = first[1] as (typeof first)[number];
        const second = await store.runs.drifted({ since: 2_000, limit: 2, before });
        expect(second.map(keyOf)).toEqual(["e1 3"]);
      }));

    test("runs and stretches are asked for since a time", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        const span = (first: number, last: number) => ({
          envoyId: "e1",
          first,
          last,
          firstAt: first * 1_000,
          lastAt: last * 1_000,
        });
        await store.runs.record("e1", [run("e1", 1), run("e1", 5)], [span(2, 4), span(6, 9)]);
        const runs = await store.runs.page({ envoyId: "e1", since: 5_000, limit: 9 });
        expect(runs.map(keyOf)).toEqual(["e1 5"]);
        const firsts = async (since: number) =>
          (await store.runs.spans("e1", 9, since)).map(({ first }) => first);
        expect([await firsts(4_000), await firsts(4_001)]).toEqual([[6, 2], [6]]);
      }));

    test("old runs go before old stretches, so many at once", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        const span = { envoyId: "e1", first: 4, last: 5, firstAt: 4_000, lastAt: 5_000 };
        await store.runs.record(
          "e1",
          [1, 2, 3].map((n) => run("e1", n)),
          [span],
        );
        expect([await store.runs.older(2_000), await store.runs.older(6_000)]).toEqual([1, 4]);
        expect(await store.runs.prune(6_000, 2)).toBe(2);
        expect((await store.runs.page({ limit: 9 })).map(keyOf)).toEqual(["e1 3"]);
        expect(await store.runs.prune(6_000, 2)).toBe(2);
        expect(await store.runs.spans("e1", 9)).toEqual([]);
        expect(await store.runs.prune(6_000, 2)).toBe(0);
      }));

    test("what was forgotten leaves space, which a vacuum gives back", () =>
      fresh(async (store) => {
        await enrolled(store, "e1");
        const numbers = Array.from({ length: 400 }, (_, n) => n + 1);
        const wide = { reason: noise(2_000) };
        const runs = numbers.map((n) => {
          const [resource] = run("e1", n).resources;
          return run("e1", n, { resources: resource ? [{ ...resource, ...wide }] : [] });
        });
        await store.runs.record("e1", runs, []);
        expect((await store.measure()).rows).toMatchObject({ envoys: 1, runs: 400 });
        await store.runs.prune(1_000_000, 1_000);
        const full = await store.size();
        const { freeBytes, rows } = await store.measure();
        expect([freeBytes > 400_000, rows["runs"]]).toEqual([true, 0]);
        const told: (readonly [number, number])[] = [];
        await store.vacuum((done, all) => told.push([done, all]));
        const [, all = 0] = told.at(-1) ?? [];
        expect([all > 0, told.at(-1)]).toEqual([true, [all, all]]);
        expect(await store.size()).toBeLessThan(full - freeBytes / 2);
        expect((await store.measure()).freeBytes).toBe(0);
        expect((await store.envoys.all()).map(({ id }) => id)).toEqual(["e1"]);
      }));

    test("how the fleet stood is kept, the later word of one moment, and forgotten", () =>
      fresh(async (store) => {
        expect(await store.trend.newest()).toBeUndefined();
        const rows = [row(1_000, 0.5), row(2_000, undefined), row(3_000, 1)];
        for (const one of rows) await store.trend.add(one);
        const again = { ...row(3_000, 0.25), drifting: 7 };
        await store.trend.add(again);
        expect(await store.trend.newest()).toEqual(again);
        expect(await store.trend.since(2_000)).toEqual([row(2_000, undefined), again]);
        expect(await store.trend.prune(2_000)).toBe(1);
        expect(await store.trend.since(0)).toHaveLength(2);
      }));
  });
}

const keyOf = ({ envoyId, number }: { readonly envoyId: string; readonly number: number }) =>
  `${envoyId} ${number}`;

const row = (at: number, convergence: number | undefined): TrendRow => ({
  at,
  envoys: {
    offline: 1,
    "no data": 0,
    failed: 0,
    degraded: 0,
    diverged: 0,
    relapsed: 0,
    changed: 2,
    converged: 3,
  },
  drifting: 1,
  intended: 1,
  convergence,
});
