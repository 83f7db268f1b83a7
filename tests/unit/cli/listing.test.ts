/** Cells of a file that a spreadsheet may open: numbers are numbers, formulas are text. */
import { expect, test } from "bun:test";
import { csvLine } from "../../../src/modes/cli/listing.ts";

test.each([
  ["a", "a"],
  ["a,b", '"a,b"'],
  ['a"b', '"a""b"'],
  ["-3.5", "-3.5"],
  ["+7", "+7"],
  ["-1e-7", "-1e-7"],
  ["=1+2", `"'=1+2"`],
  ["-1+cmd|x", `"'-1+cmd|x"`],
  ["@SUM(A1)", `"'@SUM(A1)"`],
  ["-", `"'-"`],
])("%s", (cell, written) => {
  expect(csvLine([cell])).toBe(written);
});
