/** The fast reader against the library: whatever it reads, the library reads the same, places and all. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { coreValue } from "../../../src/core/policy/yaml-core-schema.ts";
import { Findings } from "../../../src/core/policy/findings.ts";
import { readUsual } from "../../../src/core/policy/yaml-usual.ts";
import { readAnyYaml } from "../../../src/core/policy/yaml.ts";

const cases = join(import.meta.dir, "../../golden/cases");
const corpus: readonly string[] = readdirSync(cases, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".vgo"))
  .map((path) => readFileSync(join(cases, path), "utf8"))
  .filter((text) => text.length < 20_000);

/** Order of keys included; what JSON has no word for as text. */
const spell = (node: unknown): string =>
  JSON.stringify(node, (_, value) => {
    if (value instanceof Map) return [...value];
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });

/** True when the fast reader has read it. */
function agrees(text: string): boolean {
  const fast = readUsual("x.vgo", text);
  if (fast === undefined) return false;
  const found = new Findings();
  const slow = readAnyYaml("x.vgo", text, found);
  expect({ text, problems: found.problems }).toEqual({ text, problems: [] });
  expect({ text, node: spell(fast) }).toEqual({ text, node: spell(slow) });
  return true;
}

test("every text of the golden cases, and nearly all of them the fast way", () => {
  const fast = corpus.filter(agrees).length;
  expect(fast).toBeGreaterThan(corpus.length * 0.85);
});

/** Letters that mean something, where they hurt. */
const bits = fc.constantFrom(
  ..." |\n|:|: |- |-|#| #|\"|'|{|}|[|]|,|, |\n  |\n    |\\n|\\|null|0644|1.10|-1|key: v|a b|~|true|?|!|&a|*a|<<: |{a: 1}|[x, y]|\n\n|   |x:y|::|@|é|🎉|- - a|# c\n".split(
    "|",
  ),
  "|",
  "|-\n",
);
const mutation = fc.record({ at: fc.nat(), out: fc.nat(4), put: bits });
const mutated = fc
  .record({
    text: fc.constantFrom(...corpus),
    from: fc.nat(),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
  })
  .map(({ text, from, mutations }) => {
    const lines = text.split("\n");
    const start = from % Math.max(1, lines.length - 8);
    let cut = `${lines.slice(start, start + 8).join("\n")}\n`;
    for (const { at, out, put } of mutations) {
      const place = at % (cut.length + 1);
      cut = cut.slice(0, place) + put + cut.slice(place + out);
    }
    return cut;
  });

test("texts with a few letters wrong", () => {
  fc.assert(
    fc.property(mutated, (text) => {
      agrees(text);
    }),
    { numRuns: 3_000 },
  );
});

describe("is read the fast way", () => {
  test.each([
    ["block text", "a: |\n  one\n\n  two\nb: |-\n   three\n\n"],
    ["comments", "# first\na: b # behind\n\n   # between\nc: d#e\n"],
    ["compact lists", "- - a\n  - b\n- c: d\n  e: [f, {g: h}]\n"],
    ["a list in its key's column", "a:\n- b\n- c\nd: e\n"],
    ["brackets over lines", "a: [b,\n  c, {d:\n    e}]\nf: g\n"],
    ["quotes", `a: "b\\n\\"c\\"" \nd: 'it''s'\n"e f": {'g h': i}\n`],
    ["plain texts", "a: -b c:d #e\nf: http://g/h?i=j\nk: 10.0.0.1\n"],
    [
      "numbers and words",
      "a: [0644, 1.10, 0x1F, 0o17, 1e3, .5, -.inf, .nan, ~, yes, True, null]\n",
    ],
    ["no line end", "a: b"],
  ])("%s", (_, text) => expect(agrees(text)).toBe(true));
});

describe("is left to the library", () => {
  test.each([
    ["", ""],
    ["a word alone", "a\n"],
    ["nothing behind a key", "a:\nb: c\n"],
    ["a text over two lines", "a: b\n  c\n"],
    ["a key given twice", "a: b\na: c\n"],
    ["a tab", "a:\tb\n"],
    ["an anchor", "a: &b c\n"],
    ["a tag", "a: !b c\n"],
    ["a folded text", "a: >\n  b\n"],
    ["a template without quotes", "a: {{ b }}\n"],
    ["two documents", "a: b\n---\nc: d\n"],
    ["a bracket not closed", "a: [b\nc: d\n"],
    ["two colons", "a: b: c\n"],
    ["brackets too far left", "a:\n  b: [c,\n  d]\n"],
  ])("%s", (_, text) => expect(readUsual("x.vgo", text)).toBeUndefined());
});

test.each([
  ["0644", 644],
  ["+12", 12],
  ["1.", 1],
  ["1e400", Number.POSITIVE_INFINITY],
  ["0o8", "0o8"],
  ["1.2.3", "1.2.3"],
  ["-", "-"],
  ["-.INF", Number.NEGATIVE_INFINITY],
  ["NULL", null],
  ["nULL", "nULL"],
])("the core schema reads %s", (source, value) => expect(coreValue(source)).toEqual(value));
