import { expect, test } from "bun:test";
import type { RunReport } from "../../../src/core/converge/report.ts";
import { printRun, runExit } from "../../../src/modes/agent/print-run.ts";

const none = { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 };
const report = (counts: Partial<RunReport["counts"]>, more: Partial<RunReport> = {}): RunReport => {
  const all = { ...none, ...counts };
  const broken = all.failed + all.blocked > 0;
  return {
    outcome: broken ? "failed" : all.pending > 0 ? "pending" : all.changed > 0 ? "changed" : "ok",
    dry_run: false,
    policy_version: 1,
    started_at: "2026-01-01T00:00:00.000Z",
    duration_ms: 12,
    counts: all,
    resources: [],
    pending_refreshes: [],
    ...more,
  };
};

test.each<[Partial<RunReport["counts"]>, plain: number, detailed: number]>([
  [{ ok: 3 }, 0, 0],
  [{ ok: 3, changed: 1 }, 0, 10],
  [{ pending: 1 }, 0, 10],
  [{ failed: 1 }, 1, 11],
  [{ blocked: 1 }, 1, 11],
  [{ failed: 1, changed: 1 }, 1, 12],
  [{}, 0, 0],
])("%j exits %d, in detail %d", (counts, plain, detailed) => {
  expect(runExit(report(counts), false)).toBe(plain);
  expect(runExit(report(counts), true)).toBe(detailed);
});

test("what is right says nothing, the rest says why", () => {
  const base = { type: "file", changes: [], duration_ms: 1 };
  const text = printRun(
    report(
      { ok: 1, changed: 1, failed: 1, skipped: 2 },
      {
        resources: [
          { ...base, key: "a/ok", outcome: "ok" },
          {
            ...base,
            key: "a/page",
            outcome: "changed",
            changes: [{ field: "mode", from: "0600", to: undefined, cause: "drift" }],
          },
          { ...base, key: "a/service", outcome: "changed" },
          { ...base, key: "a/broken", outcome: "failed", reason: "no space" },
          { ...base, key: "a/after", outcome: "skipped", reason: "needs a/broken, which failed" },
          { ...base, key: "a/action", outcome: "skipped", reason: "not notified" },
        ],
        pending_refreshes: ["a/web"],
      },
    ),
    { colour: false },
  );
  expect(text.split("\n")).toEqual([
    "changed  a/page",
    "         mode: 0600 → absent (drift)",
    "changed  a/service: refreshed",
    "failed   a/broken: no space",
    "skipped  a/after: needs a/broken, which failed",
    "owed     a refresh to a/web",
    "failed: 1 ok, 1 changed, 1 failed, 2 skipped, in 12 ms",
  ]);
});
