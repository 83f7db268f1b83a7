import { expect, test } from "bun:test";
import fc from "fast-check";
import { type KeyPlace, withKey, withoutKey } from "../../../src/core/text/ini.ts";
import { anyText, isThinned, onText, rawLines } from "../../support/any-text.ts";

const put = (place: Partial<KeyPlace>, value: string) =>
  onText((doc) => withKey(doc, { key: "k", separator: "=", ...place }, value));
const takeAway = (place: Partial<KeyPlace>) =>
  onText((doc) => withoutKey(doc, { key: "k", separator: "=", ...place }));

const words = ["[a]", "[b]", "k=1", "k = 2 ; why", "#k=0", "other = x", "kk=3", " k\t= 1"];
const place = fc.record({ section: fc.constantFrom("a", "b", "new") }, { requiredKeys: [] });
const value = fc.constantFrom("1", "two", "", "a ; b", "x=y", "k");

/** What a program would read: the last one of the section, with what may be a comment. */
function read(text: string, section: string | undefined): string | undefined {
  let at: string | undefined;
  let found: string | undefined;
  for (const line of rawLines(text)) {
    at = /^\s*\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(line)?.[1]?.trim() ?? at;
    if (at === section) found = /^\s*k\s*=\s*(.*?)\s*$/.exec(line)?.[1] ?? found;
  }
  return found;
}

test("any key in any text: twice is once, it is read, and nothing else changes", () => {
  fc.assert(
    fc.property(anyText(words), place, value, (text, it, wanted) => {
      fc.pre(!text.includes("\\") && !/\r(?!\n)/.test(text));
      // Values over several lines are refused, which has a test of its own.
      fc.pre(!rawLines(text).some((line) => /^\s+[^\s#;[]/.test(line) && !line.includes("=")));
      const once = put(it, wanted)(text);
      expect(put(it, wanted)(once)).toBe(once);
      expect(read(once, it.section)?.replace(/\s+; why$/, "")).toStartWith(wanted);
      const others = (lines: readonly string[]) => lines.filter((line) => !/^\s*k\s*=/.test(line));
      expect(isThinned(others(rawLines(text)), others(rawLines(once)))).toBe(true);
      expect(read(takeAway(it)(once), it.section)).toBeUndefined();
    }),
  );
});

test("a new key goes without a trace", () => {
  fc.assert(
    fc.property(anyText(words), (text) => {
      fc.pre(read(text, undefined) === undefined && !/(?:^|\n)\r*$/.test(text));
      expect(takeAway({})(put({}, "1")(text))).toBe(text);
    }),
  );
});

test.each([
  ["[a]\n# k\nk = 1 ; why\n", { section: "a" }, "2", "[a]\n# k\nk = 2 ; why\n"],
  ["[a]\nk = 1 ; why\n", { section: "a" }, "1", "[a]\nk = 1 ; why\n"],
  ["[a]\n#k=1\nx=1\n\n[b]\n", { section: "a" }, "2", "[a]\n#k=1\nk=2\nx=1\n\n[b]\n"],
  ["[a]\nx=1\n\n[b]\ny=1", { section: "a" }, "2", "[a]\nx=1\nk=2\n\n[b]\ny=1"],
  ["[a]\nx=1", { section: "b" }, "2", "[a]\nx=1\n\n[b]\nk=2"],
  ["", { section: "b", separator: " = " }, "2", "[b]\nk = 2\n"],
  ["x=1\n[a]\nk=1\n", {}, "2", "x=1\nk=2\n[a]\nk=1\n"],
  ["[a]\nk=1\nk=2\n", { section: "a" }, "3", "[a]\nk=1\nk=3\n"],
  ["[a]\nk=1\n[b]\n[a]\n", { section: "a" }, "3", "[a]\nk=3\n[b]\n[a]\n"],
  ['[ s "x" ]\n\tk = 1\n', { section: 's "x"' }, "2", '[ s "x" ]\n\tk = 2\n'],
  ["[a]\nk : 1\r\n", { section: "a", separator: ":" }, "2", "[a]\nk : 2\r\n"],
  ["k  1\n", { separator: " " }, "2", "k  2\n"],
  ["K=1\n", {}, "2", "K=1\nk=2\n"],
  ["k = #fff\n", {}, "#000", "k = #000\n"],
  ["k = # none\n", {}, "1", "k = 1 # none\n"],
  ["k = 1 ; why\n", {}, "", "k =  ; why\n"],
  ["k = 1 ;why\n", {}, "", "k = \n"],
  ["k\n", { separator: " " }, "1", "k 1\n"],
  ["k =\n", { separator: " = " }, "1", "k = 1\n"],
  ["k = a ; b\n", {}, "a ; b", "k = a ; b\n"],
])("%j at %j", (text, it, wanted, after) => {
  expect(put(it, wanted)(text)).toBe(after);
});

test.each(["k=1 \\\n2\n", "k=1\n  2\n"])("a value over several lines is refused: %j", (text) => {
  expect(() => put({}, "3")(text)).toThrow("the value in line 1 goes on in the next line");
  expect(() => takeAway({})(text)).toThrow("goes on");
});
