import { expect, test } from "bun:test";
import {
  failsAsBefore,
  resultOf,
  type Sighting,
  standingBefore,
} from "../../../src/core/rollout/member.ts";
import type { RunHead } from "../../../src/core/status.ts";

const run = (
  number: number,
  policyVersion: number,
  more: Partial<RunHead["counts"]> = {},
): RunHead => {
  const counts = { ok: 1, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0, ...more };
  const outcome = counts.failed + counts.blocked > 0 ? "failed" : "changed";
  return { number, policyVersion, startedAt: 0, outcome, counts, causes: [] };
};
const well = { failed: false, blocked: false, drift: false };
const seen = (tells: number, newest?: RunHead, steadyTo?: number): Sighting => ({
  tells,
  newest,
  steadyTo,
});

test.each<[string, Omit<Sighting, "tells">, unknown]>([
  ["has run nothing", seen(0), "unknown"],
  ["changed nothing", seen(0, undefined, 3), "good"],
  ["changed something", seen(0, run(3, 1, { changed: 1 })), "good"],
  ["failed", seen(0, run(3, 1, { failed: 1 }), 2), 3],
  ["was blocked", seen(0, run(3, 1, { blocked: 1 })), 3],
  ["could not even begin", seen(0, { ...run(3, 1), outcome: "failed" }), 3],
  ["failed, and then was well", seen(0, run(3, 1, { failed: 1 }), 4), "good"],
])("before: %s", (_, sighting, wanted) =>
  expect(standingBefore(sighting)).toEqual(wanted as ReturnType<typeof standingBefore>),
);

test.each<[string, Sighting, object | undefined]>([
  ["has not told that it has the version", seen(1, run(6, 2, { failed: 1 })), undefined],
  ["has it and has not run since", seen(2, undefined, 5), undefined],
  ["ran it and changed nothing", seen(2, undefined, 6), { run: 6, ...well }],
  ["ran it and changed something", seen(2, run(6, 2, { changed: 1 }), 5), { run: 6, ...well }],
  ["ran it and failed", seen(2, run(6, 2, { failed: 1 })), { run: 6, ...well, failed: true }],
  ["ran it and is blocked", seen(2, run(6, 2, { blocked: 1 })), { run: 6, ...well, blocked: true }],
  ["ended a run of the version before", seen(2, run(6, 1, { failed: 1 })), undefined],
  ["failed it, and then was well", seen(2, run(6, 2, { failed: 1 }), 7), { run: 7, ...well }],
  [
    "could not even begin",
    seen(2, { ...run(6, 2), outcome: "failed" }),
    { run: 6, ...well, failed: true },
  ],
  [
    "mended drift",
    seen(2, { ...run(6, 2, { changed: 1 }), causes: ["drift"] }),
    { run: 6, ...well, drift: true },
  ],
])("of version 2, known up to run 5: %s", (_, sighting, wanted) =>
  expect<object | undefined>(resultOf(sighting, 2, 5)).toEqual(wanted),
);

test("a failed run names its version, so it counts also after a restart that came after it", () =>
  expect(resultOf(seen(2, run(6, 2, { failed: 1 })), 2, 6)).toMatchObject({ failed: true }));

test.each<[readonly string[], readonly string[], boolean]>([
  [["a"], ["a", "b"], true],
  [["a", "c"], ["a", "b"], false],
  [["a"], [], false],
  [[], ["a"], false],
])("%j after %j is as before: %j", (now, before, wanted) =>
  expect(failsAsBefore(now, before)).toBe(wanted),
);
