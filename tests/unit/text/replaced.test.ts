import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Replacement, replaced } from "../../../src/core/text/replaced.ts";
import { anyText, onText, rawLines } from "../../support/any-text.ts";

const by = (match_pattern: string, replacement: string, more: Partial<Replacement> = {}) =>
  onText((doc) => replaced(doc, { match_pattern, replacement, occurrences: "all", ...more }));

test("any text: twice is once, other lines stay, and the way back leads back", () => {
  fc.assert(
    fc.property(anyText(["old one", "x old", "other"]), (text) => {
      fc.pre(!text.includes("new"));
      const there = by("old", "new");
      const once = there(text);
      expect(there(once)).toBe(once);
      expect(rawLines(once)).toEqual(rawLines(text).map((line) => line.replaceAll("old", "new")));
      expect(by("new", "old")(once)).toBe(text);
    }),
  );
});

test.each([
  ["a=1\r\nb=2\r\n", by("^a=.*$", "a=3"), "a=3\r\nb=2\r\n"],
  ["a=1\na=1\n", by("^a=1$", "a=2", { region_start: "^a" }), "a=1\na=2\n"],
  ["a 1", by("^(\\w) (?<n>\\d)$", "$<n>$$$1"), "1$a"],
  ["a\nb\nc\n", by("^b\\n", ""), "a\nc\n"],
  ["a\r\nb\r\n", by("^a$", "a1\na2"), "a1\r\na2\r\nb\r\n"],
  ["x\n", by("^y$", "z"), "x\n"],
  ["[a]\nx\n[b]\nx\n", by("x", "y", { region_start: "\\[b" }), "[a]\nx\n[b]\ny\n"],
  ["x\nx=1\n", by("^x$", "y", { occurrences: "first" }), "y\nx=1\n"],
])("%j", (text, edit, wanted) => {
  expect(edit(text)).toBe(wanted);
});

test("what would be replaced again and again is refused", () => {
  expect(() => by("^a", "aa")("a\n")).toThrow("matches again");
  expect(() => by("^x$", "y", { occurrences: "first" })("x\nx\n")).toThrow("matches again");
});

test("lines that come or go among mixed endings are refused", () => {
  expect(() => by("^a$", "b\nc")("a\nx\r\n")).toThrow("line endings are mixed");
});
