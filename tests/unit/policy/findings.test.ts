import { expect, test } from "bun:test";
import { Findings } from "../../../src/core/policy/findings.ts";

const at = (line: number, column = 1, file = "a.vgo") => ({ file, line, column });

test("problems come in reading order, each once", () => {
  const found = new Findings();
  found.problem("VG101", at(2), "x", { message: "second" });
  found.problem("VG101", at(1, 5), "x", { message: "first" });
  found.problem("VG101", at(2), "x", { message: "second" });
  found.problem("VG101", at(9, 1, "B.vgo"), "x", { message: "capitals come first" });
  found.warning("VG951", at(1), "x", { message: "no problem" });
  expect(found.problems.map(({ message }) => message)).toEqual([
    "capitals come first",
    "first",
    "second",
  ]);
  expect(found.warnings).toHaveLength(1);
  expect(found.saysAt(at(2))).toBe(true);
  expect(found.saysAt(at(20))).toBe(false);
});

test("more than can be read are counted, not hidden", () => {
  const found = new Findings();
  for (let line = 1; line <= 1_700; line++) found.problem("VG101", at(line), "x", { message: "m" });
  expect(found.problems).toHaveLength(501);
  expect(found.problems.at(-1)).toMatchObject({ code: "VG906", line: 500 });
  expect(found.problems.at(-1)?.message).toStartWith("and 1,200 more problems");
});
