import { expect, test } from "bun:test";
import { type Failure, VigoError } from "../../../src/core/errors.ts";
import { backoff, firstDelay, spread } from "../../../src/modes/agent/backoff.ts";

const minute = 60_000;
const after = (failure: Failure, failures: number, interval: number, random: number) =>
  backoff(new VigoError(failure, "x"), failures, interval, random);

test.each<[Failure, failures: number, intervalMs: number, least: number, most: number]>([
  ["unavailable", 1, 1_000, 500, 1_500],
  ["unavailable", 3, 1_000, 2_000, 6_000],
  ["unavailable", 30, 1_000, 4_000, 12_000],
  ["unavailable", 1, 5 * minute, 2.5 * minute, 7.5 * minute],
  ["unavailable", 9, 5 * minute, 2.5 * minute, 7.5 * minute],
  ["unavailable", 9, 60 * minute, 30 * minute, 90 * minute],
  ["missing", 1, 1_000, 2.5 * minute, 7.5 * minute],
  ["denied", 4, 1_000, 2.5 * minute, 7.5 * minute],
  ["failed", 1, 2_000, 1_000, 3_000],
])("%s for the %dth time, every %d ms: %d to %d ms", (failure, failures, interval, least, most) => {
  expect(after(failure, failures, interval, 0)).toBe(least);
  expect(after(failure, failures, interval, 1)).toBe(most);
});

test("check-ins are spread by a tenth, and a start by as much of the interval, at most 30 s", () => {
  expect([spread(10_000, 0), spread(10_000, 1)]).toEqual([9_500, 10_500]);
  expect([spread(10_000, 0, 0.5), spread(10_000, 1, 0.5)]).toEqual([7_500, 12_500]);
  expect([spread(10_000, 0, 0), spread(10_000, 1, 0)]).toEqual([10_000, 10_000]);
  expect([firstDelay(1_000, 1), firstDelay(60 * minute, 1)]).toEqual([100, 30_000]);
});
