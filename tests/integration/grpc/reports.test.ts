import { afterAll, beforeAll, expect, test } from "bun:test";
import type { RunReport } from "../../../src/core/converge/report.ts";
import { runToWire, spanToWire } from "../../../src/core/wire/convert.ts";
import { connectLink } from "../../../src/modes/agent/link.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import { failure } from "./failure.ts";
import { type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const report = (outcome: "changed" | "failed"): RunReport => ({
  outcome,
  dry_run: false,
  policy_version: 5,
  started_at: "2026-01-01T00:00:00.000Z",
  duration_ms: 12,
  counts: { ok: 0, changed: 1, failed: 0, skipped: 0, blocked: 0, pending: 0, [outcome]: 1 },
  resources: [
    {
      key: "web/a",
      type: "file",
      outcome,
      changes: [{ field: "content", from: "a", to: "b", cause: "drift" }],
      duration_ms: 1,
    },
  ],
  pending_refreshes: [],
});

const run = (number: number, outcome: "changed" | "failed" = "changed") => ({
  report: { case: "run" as const, value: runToWire(number, report(outcome)) },
});
const span = (first: number, last: number) => ({
  report: {
    case: "span" as const,
    value: spanToWire({ first, last, firstAt: first * 1_000, lastAt: last * 1_000 }),
  },
});

test("runs and spans are kept once, however often they are told, and acknowledged when kept", async () => {
  const { row, identity } = await w.enrol("web");
  const link = connectLink(identity);
  const reports = [run(1), span(2, 4), run(5, "failed")];
  expect(await link.reportRuns({ reports })).toBe(5n);
  expect(await link.reportRuns({ reports })).toBe(5n);
  expect(await link.reportRuns({ reports: [run(6)] })).toBe(6n);
  const kept = await w.store.runs.page({ envoyId: row.id, limit: 10 });
  expect(kept.map(({ number, outcome }) => `${number} ${outcome}`).sort()).toEqual([
    "1 changed",
    "5 failed",
    "6 changed",
  ]);
  expect(await w.store.runs.spans(row.id, 10)).toMatchObject([{ first: 2, last: 4 }]);
  expect(await w.store.runs.find(row.id, 1)).toMatchObject({
    resources: report("changed").resources,
  });
  const envoy = w.fleet.get(row.id) as NonNullable<ReturnType<Fleet["get"]>>;
  expect(w.fleet.status(envoy)).toBe("changed");
  link.close();
});

test("a flush that was lost heals with the next check-in, which tells the whole open span", async () => {
  const { row, identity } = await w.enrol("steady");
  const link = connectLink(identity);
  const told = { machineId: row.machineId };
  const openSpan = (last: bigint) => ({ first: 1n, last, firstAtMs: 1n, lastAtMs: last });
  await link.checkIn({ ...told, openSpan: openSpan(3n) });
  await link.checkIn({ ...told, openSpan: openSpan(4n) });
  await w.fleet.flush(w.store);
  await w.fleet.flush(w.store);
  expect(await w.store.runs.spans(row.id, 10)).toEqual([
    { envoyId: row.id, first: 1, last: 4, firstAt: 1, lastAt: 4 },
  ]);
  link.close();
});

test("what a store could not keep is not acknowledged", async () => {
  const { row, identity } = await w.enrol("unlucky");
  const link = connectLink(identity);
  w.guard.forbidden = true;
  expect((await failure(link.reportRuns({ reports: [run(1)] }))).message).toContain(
    "internal error",
  );
  w.guard.forbidden = false;
  expect(w.logged.at(-1)).toContain("the store was asked for runs");
  expect(w.fleet.get(row.id)?.newest).toEqual([]);
  expect(await link.reportRuns({ reports: [run(1)] })).toBe(1n);
  link.close();
});

test("a report that cannot be is refused as a whole", async () => {
  const { row, identity } = await w.enrol("odd");
  const link = connectLink(identity);
  expect((await failure(link.reportRuns({ reports: [run(1), span(3, 2)] }))).message).toContain(
    "no stretch",
  );
  expect(await w.store.runs.page({ envoyId: row.id, limit: 10 })).toEqual([]);
  expect(await link.reportRuns({ reports: [] })).toBe(0n);
  link.close();
});

test("the status survives a restart", async () => {
  const { row, identity } = await w.enrol("drifting");
  const link = connectLink(identity);
  await link.reportRuns({ reports: [run(1), run(2), run(3)] });
  link.close();
  const fleet = await Fleet.load(w.store, w.fleetOptions);
  const [before, after] = [w.fleet, fleet].map((each) => {
    const envoy = each.get(row.id) as NonNullable<ReturnType<Fleet["get"]>>;
    return { status: each.status(envoy), newest: envoy.newest };
  });
  expect(before?.status).toBe("diverged");
  expect(after?.newest).toEqual(before?.newest as NonNullable<typeof before>["newest"]);
});
