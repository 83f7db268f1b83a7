import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  escapedCommand,
  isSchedule,
  jobIn,
  withJob,
  withoutJob,
} from "../../../src/core/text/crontab.ts";
import { parseLines } from "../../../src/core/text/lines.ts";
import { anyText, isThinned, onText, rawLines } from "../../support/any-text.ts";

test.each(["* * * * *", "*/5 0-6,22 1 jan-mar mon", "0 0 31 12 7", "@reboot", "1-59/2 * * * *"])(
  "%s is a schedule",
  (written) => expect(isSchedule(written)).toBe(true),
);
test.each([
  "* * * *",
  "60 * * * *",
  "*/0 * * * *",
  "5-1 * * * *",
  "@sometimes",
  "1/2 * * * *",
  "* * 0 * *",
  "x * * * *",
  "1,,2 * * * *",
])("%s is none", (written) => expect(isSchedule(written)).toBe(false));
test("percent signs are escaped once", () =>
  expect(escapedCommand("date +%F \\%s")).toBe("date +\\%F \\%s"));

describe("a job in a crontab", () => {
  const crontab = anyText([
    "1 * * * * x",
    "@daily y %",
    "MAILTO=ops",
    "# vigo: id",
    "# vigo: other",
    "  # vigo: id",
    "#@daily gone",
  ]);
  const job = fc.constantFrom("@daily x", "0 3 * * 1 y \\% z", "@hourly ü");
  const put = (line: string) => onText((doc) => withJob(doc, "id", line));
  const takeAway = onText((doc) => withoutJob(doc, "id"));
  const marks = (text: string) => rawLines(text).filter((line) => line.trimEnd() === "# vigo: id");

  test("any crontab: it stands there once, is changed in its place, and the rest stays", () =>
    fc.assert(
      fc.property(crontab, job, job, (text, first, then) => {
        const once = put(first)(text);
        expect(put(first)(once)).toBe(once);
        expect(jobIn(parseLines(once), "id")).toBe(first);
        expect(marks(once)).toHaveLength(1);
        const changed = put(then)(once);
        expect(jobIn(parseLines(changed), "id")).toBe(then);
        expect(put(first)(changed)).toBe(once);
        // For cron the last line has to have an end, and a carriage return would be a part of the command.
        expect(changed).toEndWith("\n");
        expect(changed).not.toContain(`${then}\r`);
      }),
    ));

  test("any crontab: what goes is the mark and its job, whatever else is there", () =>
    fc.assert(
      fc.property(crontab, job, (text, line) => {
        const left = takeAway(text);
        expect(takeAway(left)).toBe(left);
        expect(marks(left)).toEqual([]);
        const others = (all: string) =>
          rawLines(all).filter(
            (one) => /^\s*(?:#(?! vigo: id\s*$)|$)/.test(one) || one === "MAILTO=ops",
          );
        expect(others(left)).toEqual(others(text));
        expect(isThinned(rawLines(left), rawLines(text))).toBe(true);
        const blank = /(?:^\uFEFF?|\n)\r+$/.test(left);
        const whole = /^\uFEFF?$|\n$/.test(left) ? left : `${left}${endOf(left)}`;
        if (!blank) expect(takeAway(put(line)(left))).toBe(whole);
      }),
    ));

  /** What a last line without an end gets. */
  const endOf = (text: string) => (/\r$/.test(text) || /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n");

  test.each([
    ["", "# vigo: id\n@daily x\n"],
    ["1 * * * * y", "1 * * * * y\n# vigo: id\n@daily x\n"],
    ["1 * * * * y\r\n", "1 * * * * y\r\n# vigo: id\n@daily x\n"],
    ["a\r\nb\n# vigo: id\n@hourly y\nc\r\n", "a\r\nb\n# vigo: id\n@daily x\nc\r\n"],
    ["# vigo: id\r\n@daily x\r\n", "# vigo: id\r\n@daily x\n"],
    ["# vigo: id", "# vigo: id\n@daily x\n"],
    ["# vigo: id\n# vigo: b\n@daily b\n", "# vigo: id\n@daily x\n# vigo: b\n@daily b\n"],
    ["# vigo: id\n\n@daily b\n", "# vigo: id\n@daily x\n\n@daily b\n"],
    ["# vigo: id\n#@daily x\n", "# vigo: id\n@daily x\n#@daily x\n"],
    ["# vigo: id\nMAILTO=ops\n", "# vigo: id\n@daily x\nMAILTO=ops\n"],
    ["# vigo: id\n@daily x\ny\n# vigo: id\n@daily z\nw\n", "# vigo: id\n@daily x\ny\nw\n"],
    ["# vigo: id\n# vigo: id\n@daily z\n", "# vigo: id\n@daily x\n"],
    ["\uFEFF# mine\n", "\uFEFF# mine\n# vigo: id\n@daily x\n"],
  ])("in %j", (text, wanted) => {
    expect(put("@daily x")(text)).toBe(wanted);
  });

  test.each([
    ["# vigo: id\n# vigo: b\n@daily b\n", "# vigo: b\n@daily b\n"],
    ["x\n# vigo: id\n@daily y", "x"],
    ["x\n# vigo: id\n\ny\n", "x\n\ny\n"],
    ["# vigo: id\n@daily\n# vigo: id\n@daily\n", ""],
    ["# vigo: id2\n@daily\n", "# vigo: id2\n@daily\n"],
    ["x\r\n# vigo: id\n@daily y\nz\r\n", "x\r\nz\r\n"],
  ])("out of %j", (text, wanted) => {
    expect(takeAway(text)).toBe(wanted);
  });
});
