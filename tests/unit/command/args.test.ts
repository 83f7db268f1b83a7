import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Args, readArgs } from "../../../src/core/command/args.ts";

const args = {
  id: { type: "positional", description: "Id." },
  more: { type: "positional", description: "More.", many: true, required: false },
  server: { type: "string", description: "Url.", default: "here" },
  tag: { type: "string", description: "Tags.", many: true },
  token: { type: "string", description: "Token." },
  format: { type: "enum", description: "Form.", options: ["text", "json"], default: "text" },
  once: { type: "boolean", description: "Once." },
  service: { type: "boolean", description: "Service.", default: true },
} as const satisfies Args;

const defaults = {
  id: "x",
  more: [],
  server: "here",
  tag: [],
  token: undefined,
  format: "text",
  once: false,
  service: true,
};

describe("the reader of arguments", () => {
  test.each([
    ["x", {}],
    ["x --once --token=t", { once: true, token: "t" }],
    ["--token t x --no-service", { token: "t", service: false }],
    ["x y z --tag a --tag=b", { more: ["y", "z"], tag: ["a", "b"] }],
    ["x --server a --server b", { server: "b" }],
    ["x --format json", { format: "json" }],
    ["--once -- x --token", { once: true, more: ["--token"] }],
    ["x --token=--odd", { token: "--odd" }],
    ["x --token -1", { token: "-1" }],
  ])("%s", (line, given) => {
    expect(readArgs(line.split(" "), args)).toEqual({ ...defaults, ...given } as never);
  });

  test.each([
    ["", "ID is missing"],
    ["x --onse", 'unknown flag "--onse", did you mean "--once"?'],
    ["x -o", 'unknown flag "-o"'],
    ["x --no-once", 'unknown flag "--no-once"'],
    ["x --no-sevrice", 'did you mean "--no-service"?'],
    ["x --token", "--token needs a value"],
    ["x --token --once", "--token needs a value"],
    ["x --token=", "--token needs a value"],
    ["x --once=yes", "--once takes no value"],
    ["x --format yaml", '--format must be one of text, json, not "yaml"'],
    ["x --id y", 'unknown flag "--id"'],
    ["x --__proto__ y", 'unknown flag "--__proto__"'],
    ["x --constructor", 'unknown flag "--constructor"'],
  ])("%s → %s", (line, message) => {
    const words = line === "" ? [] : line.split(" ");
    expect(() => readArgs(words, args)).toThrow(message);
  });

  test("a word too many is named", () => {
    expect(() => readArgs(["a", "b"], { id: args.id })).toThrow('one word too many: "b"');
  });

  test("a needed flag is missed", () => {
    const needed = { to: { type: "string", description: "To.", required: true } } as const;
    expect(() => readArgs([], needed)).toThrow("--to is missing");
  });

  test("whatever the words, they are taken or refused as misuse", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom("--tag", "--", "x"))), (words) => {
        try {
          expect(Object.keys(readArgs(words, args)).sort()).toEqual(Object.keys(args).sort());
        } catch (error) {
          expect(error).toHaveProperty("failure", "invalid");
        }
      }),
    );
  });
});
