import { expect, test } from "bun:test";
import fc from "fast-check";
import { withLimit, withoutLimit } from "../../../src/core/text/limits.ts";
import { anyText, isThinned, onText, rawLines } from "../../support/any-text.ts";

const place = { domain: "*", type: "soft", item: "nofile" };
const put = (value: string) => onText((doc) => withLimit(doc, place, value));
const takeAway = onText((doc) => withoutLimit(doc, place));
const mine = /^\s*\*\s+soft\s+nofile\s+[^\s#]/;

test("any limits: the last one counts, twice is once, other lines stay, away is gone", () => {
  const words = [
    "* soft nofile 10",
    " *\tsoft nofile\t20 # x",
    "* hard nofile 5",
    "#* soft nofile 1",
  ];
  fc.assert(
    fc.property(anyText(words), fc.constantFrom("0", "unlimited"), (text, value) => {
      const once = put(value)(text);
      expect(put(value)(once)).toBe(once);
      const last = rawLines(once)
        .filter((line) => mine.test(line))
        .at(-1);
      expect(last?.trim().split(/\s+/)[3]).toBe(value);
      const others = (all: string) => rawLines(all).filter((line) => !mine.test(line));
      expect(others(once)).toEqual(others(text));
      expect(isThinned(others(takeAway(once)), others(text))).toBe(true);
      expect(rawLines(takeAway(once)).some((line) => mine.test(line))).toBe(false);
      const fresh = !rawLines(text).some((line) => mine.test(line)) && !/(?:^|\n)\r*$/.test(text);
      if (fresh) expect(takeAway(once)).toBe(text);
    }),
  );
});

test.each([
  ["", "* soft nofile 9\n"],
  ["*\t\tsoft\tnofile  1 # why\r\n", "*\t\tsoft\tnofile  9 # why\r\n"],
  ["* soft nofile 1\n* soft nofile 2", "* soft nofile 1\n* soft nofile 9"],
])("%j", (text, wanted) => {
  expect(put("9")(text)).toBe(wanted);
});
