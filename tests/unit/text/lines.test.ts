import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseLines, printLines, retold, spliced, without } from "../../../src/core/text/lines.ts";
import { anyText, onText } from "../../support/any-text.ts";

const text = anyText(["a", "b", "key = value"]);

test("any text comes back byte for byte", () => {
  fc.assert(fc.property(text, (it) => printLines(parseLines(it)) === it));
});

test("a line put in and taken out again leaves any text as it was", () => {
  fc.assert(
    fc.property(text, fc.nat(20), (it, n) => {
      const { lines } = parseLines(it);
      const at = Math.min(n, lines.length);
      const put = onText((doc) => spliced(doc, at, 0, ["new"]))(it);
      expect(parseLines(put).lines[at]?.text).toBe("new");
      const blank = lines.at(-1)?.text === "" || lines.at(-1)?.text === "\r";
      if (!blank) expect(onText((doc) => without(doc, (_, i) => i === at))(put)).toBe(it);
    }),
  );
});

test.each([
  ["a\nb", 2, "a\nb\nnew"],
  ["a\r\nb\r\n", 1, "a\r\nnew\r\nb\r\n"],
  ["\uFEFFa\n", 0, "\uFEFFnew\na\n"],
  ["", 0, "new\n"],
  ["a\r", 1, "a\r\r\nnew"],
])("%j with a line at %i", (it, at, wanted) => {
  expect(onText((doc) => spliced(doc, at, 0, ["new"]))(it)).toBe(wanted);
});

test("a line keeps its own end", () => {
  expect(onText((doc) => retold(doc, 1, "x"))("a\nb\r\nc")).toBe("a\nx\r\nc");
});

test("a blank line that comes last stays one", () => {
  expect(onText((doc) => without(doc, (line) => line === "b"))("a\n\nb")).toBe("a\n\n");
});
