import { describe, expect, test } from "bun:test";
import {
  countsAsConverged,
  pendingOf,
  type RunHead,
  type Standing,
  statusOf,
} from "../../src/core/status.ts";

const now = 1_000_000;
const clean = { ok: 5, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 };

/** `3 drift`: run number 3, that changed something for that cause. */
function run(
  number: number,
  counts: Partial<RunHead["counts"]>,
  causes: RunHead["causes"] = [],
): RunHead {
  const all = { ...clean, ...counts };
  const outcome = all.failed + all.blocked > 0 ? "failed" : all.changed > 0 ? "changed" : "pending";
  return { number, policyVersion: 1, startedAt: number, outcome, counts: all, causes };
}
const mended = (number: number) => run(number, { changed: 1 }, ["drift"]);
const wanted = (number: number) => run(number, { changed: 1 }, ["intent"]);

const standing = (
  newest: readonly RunHead[],
  steadyTo?: number,
  more: Partial<Standing> = {},
): Standing => ({
  lastContactAt: now - 1_000,
  offlineAfterMs: 10_000,
  newest,
  steadyTo,
  divergedAfter: 3,
  ...more,
});

const neverBegan: RunHead = { ...run(4, {}), outcome: "failed", counts: { ...clean, ok: 0 } };

describe("status", () => {
  test.each([
    [
      "silent for longer than the threshold, whatever it did",
      standing([wanted(3)], 5, { lastContactAt: now - 10_001 }),
      "offline",
    ],
    [
      "silent for just the threshold",
      standing([], 5, { lastContactAt: now - 10_000 }),
      "converged",
    ],
    ["no run known", standing([]), "no data"],
    ["only steady runs", standing([], 1), "converged"],
    ["everything that was to do failed", standing([run(4, { failed: 1 })]), "failed"],
    [
      "everything that was to do was blocked",
      standing([run(4, { blocked: 2, skipped: 1 })]),
      "failed",
    ],
    ["it ended before the first resource", standing([neverBegan]), "failed"],
    [
      "some failed, some were done",
      standing([run(4, { failed: 1, changed: 1 }, ["drift"]), mended(3), mended(2)]),
      "degraded",
    ],
    [
      "some were blocked, some were done",
      standing([run(4, { blocked: 1, changed: 1 }, ["intent"])]),
      "degraded",
    ],
    ["drift in three runs in a row", standing([mended(4), mended(3), mended(2)]), "diverged"],
    ["drift in two runs in a row", standing([mended(4), mended(3), wanted(2)]), "relapsed"],
    ["drift again after a steady run", standing([mended(4), mended(2), mended(1)]), "changed"],
    ["drift once", standing([mended(4)]), "changed"],
    [
      "drift in two runs where two is too many",
      standing([mended(4), mended(3)], undefined, { divergedAfter: 2 }),
      "diverged",
    ],
    ["a change the policy wanted", standing([wanted(4), mended(3), mended(2)]), "changed"],
    ["a failure, and steady since", standing([run(4, { failed: 1 })], 5), "converged"],
    ["steady, and a change since", standing([wanted(6)], 5), "changed"],
    ["only pending", standing([run(4, { pending: 2 })]), "converged"],
  ] as const)("%s: %#", (_, of, status) => expect(statusOf(of, now)).toBe(status));

  test("pending counts only while it lasts", () => {
    expect(pendingOf(standing([run(4, { pending: 2 })]))).toBe(2);
    expect(pendingOf(standing([run(4, { pending: 2 })], 5))).toBe(0);
  });

  test.each([
    ["converged", standing([], 1), true],
    ["changed by intent only", standing([wanted(4)]), true],
    ["changed by intent and drift", standing([run(4, { changed: 2 }, ["intent", "drift"])]), false],
    ["failed", standing([run(4, { failed: 1 })]), false],
  ])("the fleet's figure: %s", (_, of, good) => {
    expect(countsAsConverged(of, statusOf(of, now))).toBe(good);
  });
});
