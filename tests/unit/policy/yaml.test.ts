import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Findings } from "../../../src/core/policy/findings.ts";
import {
  type Node,
  placeWithin,
  type ScalarNode,
  scalarsOf,
  valueIn,
  writtenOf,
} from "../../../src/core/policy/node.ts";
import { readYaml } from "../../../src/core/policy/yaml.ts";

function read(text: string) {
  const found = new Findings();
  return { node: readYaml("x.vgo", text, found), problems: found.problems };
}

/** Texts made to hurt, and the code that says no; undefined: they are harmless. */
const hostile: Readonly<Record<string, readonly [text: string, code: string | undefined]>> = {
  "a million items in a flow list": [`[${"1,".repeat(400_000)}1]`, "VG206"],
  "a quarter of a million items in a block list": ["- a\n".repeat(250_000), "VG206"],
  "empty items": ["- \n".repeat(300_000), "VG206"],
  commas: [`[${",".repeat(1_000_000)}]`, "VG206"],
  "colons without keys": [": \n".repeat(300_000), "VG206"],
  "flow lists in flow lists": ["[".repeat(500_000), "VG206"],
  "dashes on one line": [`${"- ".repeat(300_000)}x`, "VG206"],
  "question marks on one line": [`${"? ".repeat(300_000)}x`, "VG206"],
  "maps in maps": [
    Array.from({ length: 1000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
    "VG206",
  ],
  "a quarter of a million documents": ["---\n".repeat(250_000), "VG206"],
  "anchors alone": ["&a ".repeat(300_000), "VG206"],
  aliases: ["*a ".repeat(300_000), "VG206"],
  quotes: ['"'.repeat(1_000_000), "VG206"],
  comments: ["#\n".repeat(500_000), "VG206"],
  blanks: [" ".repeat(1_000_000), undefined],
  tabs: ["\t".repeat(1_000_000), undefined],
  "a key of a megabyte": ["a:".repeat(500_000), "VG204"],
  "an alias of itself": ["a: &a [*a]", "VG207"],
};

/** A billion, in ten steps of ten. */
const laughs = Array.from("abcdefghij", (letter, at) =>
  at === 0
    ? `a: &a [${"1,".repeat(10)}]`
    : `${letter}: &${letter} [${`*${"abcdefghij"[at - 1]},`.repeat(10)}]`,
).join("\n");

describe("what is made to hurt is refused in no time", () => {
  for (const [name, [text, code]] of Object.entries({
    ...hostile,
    "a billion laughs": [laughs, "VG206"] as const,
  }))
    test(name, () => {
      const start = performance.now();
      const { problems } = read(text);
      expect(problems[0]?.code).toBe(code as "VG206");
      // The slowest takes a third of this on an old machine; composing such a text would take ten times as long.
      expect(performance.now() - start).toBeLessThan(4000);
    });
});

const scalars = (node: Node | undefined): readonly ScalarNode[] =>
  node === undefined ? [] : [...scalarsOf(node)].map((each) => each.node);

test("a plain scalar keeps its letters for a parameter, and its meaning for a var", () => {
  const { node } = read('mode: 0644\nversion: 1.10\nquoted: "0644"\nflag: true\nnone:\n');
  expect(JSON.stringify(writtenOf(node as Node))).toBe(
    '{"mode":"0644","version":"1.10","quoted":"0644","flag":"true","none":null}',
  );
  expect(JSON.stringify(valueIn(node as Node))).toBe(
    '{"mode":644,"version":1.1,"quoted":"0644","flag":true,"none":null}',
  );
});

test.each([
  ["a: b c\n", "c", 1, 6],
  ['a: "b c"\n', "c", 1, 7],
  ["a: |\n  one\n  two c\n", "c", 3, 7],
  ["a:\n    - |\n      {% x %}\n\n        c\n", "c", 5, 9],
  ["a: |2\n  c\n", "c", 2, 3],
  ["a: b\r\nd: |\r\n  x\r\n  c\r\n", "c", 4, 3],
])("%j: the place of a letter inside a text", (text, letter, line, column) => {
  const scalar = scalars(read(text).node).find(({ source }) => source.includes(letter));
  const before = scalar?.source.slice(0, scalar.source.indexOf(letter)).split("\n") ?? [];
  const place = placeWithin(scalar as ScalarNode, before.length, (before.at(-1)?.length ?? 0) + 1);
  expect(place).toEqual({ file: "x.vgo", line, column });
});

test("folded text says its start, for its lines are not the file's", () => {
  const [scalar] = scalars(read("a: >\n  one\n\n  two\n").node);
  expect(placeWithin(scalar as ScalarNode, 2, 1)).toEqual(placeWithin(scalar as ScalarNode, 1, 1));
});

test("any JSON value comes back as it was", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const { node, problems } = read(JSON.stringify({ value }));
      expect(problems).toEqual([]);
      expect(JSON.parse(JSON.stringify(valueIn(node as Node)))).toEqual(
        JSON.parse(JSON.stringify({ value })),
      );
    }),
  );
});

test("any text at all is read or refused, with a place inside it", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: "grapheme" }), (text) => {
      for (const { line, column } of read(text).problems) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(text.split("\n").length);
        expect(column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 500 },
  );
});

test("a key such as __proto__ is a key like any other", () => {
  const { node } = read("__proto__: { polluted: true }\n");
  expect(Object.keys(valueIn(node as Node) as object)).toEqual(["__proto__"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
