import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  escapedCommand,
  isSchedule,
  jobIn,
  withJob,
  withoutJob,
} from "../../../src/core/text/crontab.ts";

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
  const line = fc.stringMatching(/^[a-z #*]{0,12}$/).filter((one) => !one.startsWith("# vigo"));
  const crontab = fc
    .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom("\n", "\r\n"))
    .map(([lines, end]) => lines.map((one) => one + end).join(""));

  test("is added, changed and removed, and the rest stays", () =>
    fc.assert(
      fc.property(crontab, (text) => {
        const added = withJob(text, "id", "@daily x");
        expect(added.startsWith(text)).toBe(true);
        expect(jobIn(added, "id")).toBe("@daily x");
        expect(withJob(added, "id", "@daily x")).toBe(added);
        expect(jobIn(withJob(added, "id", "@hourly y"), "id")).toBe("@hourly y");
        expect(withoutJob(withJob(added, "id", "@hourly y"), "id")).toBe(text);
        expect(withoutJob(text, "id")).toBe(text);
      }),
    ));
});
