import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { declareTask } from "../../../src/core/policy/declare-task.ts";
import { Findings } from "../../../src/core/policy/findings.ts";
import { readYaml } from "../../../src/core/policy/yaml.ts";
import {
  argvOf,
  environmentOf,
  kindOf,
  type Param,
  valuesFor,
} from "../../../src/core/tasks/values.ts";

const param = (more: Partial<Param>): Param => ({
  type: "string",
  description: "",
  default: undefined,
  pattern: undefined,
  oneOf: undefined,
  min: undefined,
  max: undefined,
  ...more,
});
const only = (one: Partial<Param>, given: unknown) => {
  const { values, problems } = valuesFor(new Map([["x", param(one)]]), { x: given });
  return problems[0] ?? values["x"];
};
const few = { source: "[a-c]+", test: (text: string) => /^[a-c]+$/.test(text) };

describe("a value", () => {
  test.each([
    [{ type: "integer" }, "7", 7],
    [{ type: "integer" }, -7, -7],
    [{ type: "integer" }, "7.5", 'parameter x must be a whole number, not "7.5"'],
    [{ type: "integer" }, "", 'parameter x must be a whole number, not ""'],
    [{ type: "integer" }, "99999999999999999999", "parameter x must be a whole number, not"],
    [{ type: "integer", min: 1 }, 0, "parameter x must be a whole number from 1, not 0"],
    [{ type: "integer", min: 1, max: 9 }, 10, "parameter x must be a whole number from 1 to 9"],
    [{ type: "boolean" }, "true", true],
    [{ type: "boolean" }, false, false],
    [{ type: "boolean" }, "yes", 'parameter x must be true or false, not "yes"'],
    [{ type: "boolean" }, "constructor", 'parameter x must be true or false, not "constructor"'],
    [{}, "a b; c", "a b; c"],
    [{}, 5, "parameter x must be a text of at most 4,096 letters, not 5"],
    [{}, "a\0b", "parameter x must be a text of at most 4,096 letters"],
    [{}, "x".repeat(4_097), "parameter x must be a text of at most 4,096 letters"],
    [{ pattern: few }, "abc", "abc"],
    [{ pattern: few }, "abd", 'parameter x must be what fits [a-c]+, not "abd"'],
    [{ oneOf: ["soft", "hard"] }, "hrd", 'parameter x must be one of soft, hard, not "hrd"'],
  ] as const)(
    "%# is taken as it should be, or refused with what it should be",
    (one, given, wanted) => {
      const found = only(one as Partial<Param>, given);
      if (typeof wanted === "string") expect(String(found)).toStartWith(wanted);
      else expect(found).toBe(wanted);
    },
  );

  test("that nobody gives is its default, or is missed; one that nobody knows is refused", () => {
    const params = new Map([
      ["unit", param({ default: "nginx" })],
      ["count", param({ type: "integer", max: 3 })],
    ]);
    expect(valuesFor(params, { cuont: 1 })).toEqual({
      values: { unit: "nginx" },
      problems: [
        'unknown parameter "cuont", did you mean "count"?',
        "parameter count is required: integer of at most 3",
      ],
    });
    expect(valuesFor(params, { count: 1, toString: "x" }).problems).toEqual([
      'unknown parameter "toString"',
    ]);
  });

  test("is told of in words", () => {
    expect(kindOf(param({ oneOf: ["a", "b"] }))).toBe("one of a, b");
    expect(kindOf(param({ pattern: few }))).toBe("string that fits [a-c]+");
    expect(kindOf(param({ type: "boolean" }))).toBe("boolean");
  });
});

describe("a command", () => {
  test("gets each value as one word, whatever is in it, and nothing else is touched", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), (value) => {
        const words = ["systemctl", "$unit", "$other", "a$unit", "$unit "];
        expect(argvOf(words, { unit: value })).toEqual([
          "systemctl",
          value,
          "$other",
          "a$unit",
          "$unit ",
        ]);
      }),
    );
    expect(environmentOf({ unit: "a;b", n_1: 3, on: true })).toEqual({
      VIGO_PARAM_UNIT: "a;b",
      VIGO_PARAM_N_1: "3",
      VIGO_PARAM_ON: "true",
    });
  });

  test.each([
    ["[sh, -c, $x]", 1],
    ["[sh, -ec, $x]", 1],
    ["[python3, -c, $x]", 1],
    ["[perl, -e, $x]", 1],
    ["[env, A=b, bash, -xc, $x]", 1],
    ["[node, --eval, $x]", 1],
    ["[sh, -c, 'echo $x']", 1],
    [`[sh, -c, 'echo \${x}']`, 1],
    ["[$x]", 1],
    ["[sh, -c, 'echo \"$1\"', name, $x]", 0],
    ["[sh, -c, 'echo \"$VIGO_PARAM_X\"']", 0],
    ["[grep, -e, $$, file]", 0],
    ["[echo, $x]", 0],
    ["[echo, '$xy is a word']", 0],
  ])("%s has %d words that a shell could run", (words, count) => {
    const found = new Findings();
    const text = `task: t\nparams: { x: { type: string } }\ncommand: ${words}\n`;
    const node = readYaml("tasks/t.vgo", text, found);
    if (node !== undefined) declareTask(node, found);
    expect(found.problems.map(({ code }) => code)).toEqual(Array(count).fill("VG802"));
  });
});
