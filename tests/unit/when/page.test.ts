/** The page on conditions says what is so: every function is in it, and what it calls refused is refused in those words. */
import { expect, test } from "bun:test";
import { calls, names } from "../../../src/core/policy/when/functions.ts";
import { parseCondition } from "../../../src/core/policy/when/parse.ts";
import { traits } from "../../../src/core/traits/index.ts";

const page = await Bun.file("docs/conditions.md").text();
const [, good = ""] = page.split("## Functions of ours");
const examples = (good.split("## Who decides")[0] ?? "")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .flatMap((line) => [...(line.split(" | ")[0] ?? "").matchAll(/`([^`]+)`/g)])
  .map(([, expression = ""]) => expression);
const refused = [
  ...(page.split("| refused ")[1] ?? "").matchAll(/^\| `(.+?)` +\| (.+?) +\|$/gm),
].map(([, expression = "", says = ""]) => [expression.replaceAll("\\|", "|"), says] as const);

test("every function and name is there", () => {
  for (const { name } of [...calls, ...names])
    expect([name, page.includes(name)]).toEqual([name, true]);
});

test("what it writes down can be written", () => {
  expect(examples.length).toBeGreaterThan(25);
  for (const expression of examples) {
    const whole = /^(?:cpu_count|ram_mb|environment)$/.test(expression)
      ? `${expression} == ${expression}`
      : expression;
    expect([expression, parseCondition(whole, traits).kind]).toEqual([expression, "condition"]);
  }
});

test.each(refused)("%s is refused", (expression, says) => {
  const found = parseCondition(expression, traits);
  expect(found.kind === "error" ? found.message : "it is not").toContain(says);
});

test("the table of what is refused was found", () => expect(refused.length).toBe(15));
