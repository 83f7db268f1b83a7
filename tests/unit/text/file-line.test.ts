import { expect, test } from "bun:test";
import fc from "fast-check";
import { withLine, withoutLine } from "../../../src/core/text/file-line.ts";
import { isPattern, isPosition } from "../../../src/core/text/region.ts";
import { anyText, isThinned, onText, rawLines } from "../../support/any-text.ts";

const words = ["Port 22", "#Port 22", "Port 2222", "[a]", "[b]", " Port 1"];
const wish = fc.record(
  {
    line: fc.constantFrom("Port 2222", "Port 0", "# x"),
    match_pattern: fc.constantFrom("^#?Port", "Port 22$", "^nothing"),
    position: fc.constantFrom("end", "begin", "after:^\\[a", "before:Port"),
  },
  { requiredKeys: ["line", "position"] },
);

test("any line in any text: twice is once, and no other line changes", () => {
  fc.assert(
    fc.property(anyText(words), wish, (text, it) => {
      const put = onText((doc) => withLine(doc, it));
      const once = put(text);
      expect(put(once)).toBe(once);
      expect(rawLines(once)).toContain(it.line);
      const pattern = new RegExp(it.match_pattern ?? "(?!)");
      const others = (lines: readonly string[]) =>
        lines.filter((line) => line !== it.line && line !== "" && !pattern.test(line));
      expect(others(rawLines(once))).toEqual(others(rawLines(text)));
    }),
  );
});

test("a line that replaced none is taken away again without a trace", () => {
  fc.assert(
    fc.property(anyText(words), fc.constantFrom("end", "begin"), (text, position) => {
      fc.pre(!/(?:^|\n)\r*$/.test(text) || text === "");
      const once = onText((doc) => withLine(doc, { line: "brand new", position }))(text);
      expect(onText((doc) => withoutLine(doc, { line: "brand new" }))(once)).toBe(text);
    }),
  );
});

test("taking away leaves the rest in its order", () => {
  fc.assert(
    fc.property(anyText(words), (text) => {
      const left = onText((doc) => withoutLine(doc, { match_pattern: "^Port" }))(text);
      expect(left.replace(/^\uFEFF/, "")).not.toMatch(/^Port/m);
      expect(isThinned(rawLines(left), rawLines(text))).toBe(true);
    }),
  );
});

const port = { line: "Port 2222", match_pattern: "^#?Port ", position: "end" };

test.each([
  ["#Port 22\nx\n", port, "Port 2222\nx\n"],
  ["#Port 22\nPort 23\nPort 24\n", port, "#Port 22\nPort 2222\n"],
  ["#Port 22\nPort 24\nPort 2222\n", port, "#Port 22\nPort 2222\n"],
  ["x\n", port, "x\nPort 2222\n"],
  ["x\nx\n", { line: "x", position: "end" }, "x\nx\n"],
  ["a\nb\na\n", { line: "new", position: "after:^a" }, "a\nb\na\nnew\n"],
  ["a\nb\na\n", { line: "new", position: "before:^a" }, "new\na\nb\na\n"],
  [
    "[a]\nx\n\n[b]\nx\n",
    { line: "y", position: "end", region_start: "^\\[a\\]", region_end: "^\\[" },
    "[a]\nx\ny\n\n[b]\nx\n",
  ],
  [
    "[a]\nx\n\n[b]\nx=1\n",
    { line: "x=2", match_pattern: "^x=", position: "end", region_start: "^\\[b\\]" },
    "[a]\nx\n\n[b]\nx=2\n",
  ],
])("%j with %j", (text, it, wanted) => {
  expect(onText((doc) => withLine(doc, it))(text)).toBe(wanted);
});

test("a region that is not there is refused, and holds nothing to take away", () => {
  const bounds = { region_start: "^\\[c\\]", region_end: "^$" };
  const put = onText((doc) => withLine(doc, { line: "x", position: "end", ...bounds }));
  expect(() => put("[a]\n")).toThrow("it has no region from /^\\[c\\]/ to /^$/");
  expect(onText((doc) => withoutLine(doc, { line: "[a]", ...bounds }))("[a]\n")).toBe("[a]\n");
});

test("knows patterns and positions", () => {
  expect([isPattern("a("), isPattern("a+"), isPattern(undefined)]).toEqual([false, true, true]);
  expect(["end", "begin", "after:x", "after:", "after:(", "middle"].map(isPosition)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
