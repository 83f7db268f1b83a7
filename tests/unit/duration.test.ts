import { expect, test } from "bun:test";
import { parseDuration, printDuration } from "../../src/core/duration.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5h", 5_400_000],
  ["24h", 86_400_000],
  ["2w", 1_209_600_000],
])("%s is %d ms", (written, ms) => expect(parseDuration(written)).toBe(ms));

test.each(["", "5", "h", "-1h", "1 h", "1y", "1h30m", "9999999999s"])(
  "%p is no duration",
  (written) => expect(parseDuration(written)).toBeUndefined(),
);

test.each([
  [0, "0ms"],
  [1_500, "1500ms"],
  [90_000, "90s"],
  [120_000, "2m"],
  [86_400_000, "1d"],
])("%d ms prints as %s", (ms, printed) => {
  expect(printDuration(ms)).toBe(printed);
  expect(parseDuration(printed)).toBe(ms);
});
