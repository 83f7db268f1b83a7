import { expect, test } from "bun:test";
import fc from "fast-check";
import { withBlock, withoutBlock } from "../../../src/core/text/block.ts";
import { anyText, isThinned, onText, rawLines } from "../../support/any-text.ts";

const markers = { begin: "# BEGIN x", end: "# END x" };
const put = (content: readonly string[], position = "end") =>
  onText((doc) => withBlock(doc, markers, content, position));
const takeAway = onText((doc) => withoutBlock(doc, markers));
const texts = anyText(["a", "[main]", "# END y"]);
const content = fc.array(fc.constantFrom("one", "", "  two", "# three"), { maxLength: 4 });

test("any block in any text: once is enough, it is changed in place, and it goes without a trace", () => {
  fc.assert(
    fc.property(
      texts,
      content,
      content,
      fc.constantFrom("end", "begin", "after:a"),
      (text, it, other, position) => {
        const once = put(it, position)(text);
        expect(put(it, position)(once)).toBe(once);
        expect(isThinned(rawLines(text), rawLines(once))).toBe(true);
        const changed = put(other, position)(once);
        expect(put(it)(changed)).toBe(once);
        if (!/(?:^|\n)\r*$/.test(text) || text === "") expect(takeAway(changed)).toBe(text);
      },
    ),
  );
});

test.each([
  ["a\n", ["b"], "end", "a\n# BEGIN x\nb\n# END x\n"],
  ["a\r\nb", ["c"], "after:^a", "a\r\n# BEGIN x\r\nc\r\n# END x\r\nb"],
  ["", [], "begin", "# BEGIN x\n# END x\n"],
  ["  # BEGIN x\nold\n# END x \nb", ["new"], "end", "# BEGIN x\nnew\n# END x\nb"],
])("%j with %j at %s", (text, lines, position, wanted) => {
  expect(put(lines, position)(text)).toBe(wanted);
});

test.each(["# BEGIN x\n", "# END x\n# BEGIN x\n", "# BEGIN x\n# BEGIN x\n# END x\n"])(
  "markers that are not a pair are refused: %j",
  (text) => {
    expect(() => put([])(text)).toThrow("its markers are not one pair: lines 1");
    expect(() => takeAway(text)).toThrow("its markers are not one pair");
  },
);
