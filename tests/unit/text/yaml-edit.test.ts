import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { stringify } from "yaml";
import type { Json } from "../../../src/core/json.ts";
import {
  isMap,
  parseKeyPath,
  valueAt,
  withoutValue,
  withValue,
} from "../../../src/core/text/key-path.ts";
import { removeYaml, setYaml, yamlValue } from "../../../src/core/text/yaml-edit.ts";
import { documents, pathsInto, texts } from "../../support/documents.ts";

const set = (text: string, key: string, value: Json) => setYaml(text, parseKeyPath(key), value);
const remove = (text: string, key: string) => removeYaml(text, parseKeyPath(key));

describe("an edit of YAML", () => {
  test.each<[string, string, Json, string]>([
    ["a: 1 # one\nb: 2\n", "a", 3, "a: 3 # one\nb: 2\n"],
    ["a: 'x' # one\n", "a", "y", "a: 'y' # one\n"],
    ['a: "x"\r\nb: 1\r\n', "a", "y", 'a: "y"\r\nb: 1\r\n'],
    ["a: &x !t one\n", "a", "two", "a: &x !t two\n"],
    ["a:\n    b: 1\n    # two\nc: 1", "a.d", "yes", 'a:\n    b: 1\n    d: "yes"\n    # two\nc: 1'],
    ["a: 1", "b", { c: [1, { d: 2 }] }, "a: 1\nb:\n  c:\n    - 1\n    - d: 2"],
    ["l:\n- a\n- b\n", "l[2]", "c", "l:\n- a\n- b\n- c\n"],
    ["l:\n- a\n", "m", ["b"], "l:\n- a\nm:\n- b\n"],
    ["l:\n  - a: 1\n    b: 2\n", "l[0].c", 3, "l:\n  - a: 1\n    b: 2\n    c: 3\n"],
    ["a: { b: 1 }\n", "a.c", [1, "x, y"], 'a: { b: 1, c: [1, "x, y"] }\n'],
    ["a: []\n", "a[0]", 1, "a: [1]\n"],
    ["a:\nb: 1\n", "a.x", 1, "a:\n  x: 1\nb: 1\n"],
    ["a: # why\n  b: 1\nc: 2\n", "a", 5, "a: 5 # why\nc: 2\n"],
    ["a: # why\n  b: 1\n", "a", { c: 2 }, "a: # why\n  c: 2\n"],
    ["a: |\n  x\n  y\nb: 1\n", "a", "z", "a: z\nb: 1\n"],
    ["a: 1\n", "a", "x\ny\n", "a: |\n  x\n  y\n"],
    ["# head\n", "a.b", 1, "# head\na:\n  b: 1\n"],
    ["---\n# head\n", "a", 1, "---\n# head\na: 1\n"],
    ["", "a", "1.10", 'a: "1.10"\n'],
    ["1: x\n", "1", "z", "1: z\n"],
  ])("%j, %s", (text, key, value, result) => {
    expect(set(text, key, value)).toBe(result);
    expect(yamlValue(result)).toEqual(withValue(yamlValue(text), parseKeyPath(key), value));
  });

  test.each([
    ["a: 1 # one\nb: 2\n", "a", "b: 2\n"],
    ["# head\na: 1\n# tail\n", "a", "# head\n# tail\n"],
    ["a:\n  b: 1\nc: 2\n", "a.b", "a: {}\nc: 2\n"],
    ["l:\n  - a\n  # of b\n  - b\n", "l[0]", "l:\n  # of b\n  - b\n"],
    ["l:\n  - a: 1\n    b: 2\n", "l[0].a", "l:\n  - b: 2\n"],
    ["{ a: 1, b: 2 }\n", "b", "{ a: 1 }\n"],
    ["{ a: 1, b: 2 }\n", "a", "{ b: 2 }\n"],
    ["a:\n  - |\n    x\n  - y\n", "a[0]", "a:\n  - y\n"],
  ])("%j without %s", (text, key, result) => expect(remove(text, key)).toBe(result));

  test.each([
    ["a: [1\n", "not YAML that can be edited"],
    ["a: 1\na: 2\n", "map keys must be unique, line 2 column 1"],
    ["a: 1\n---\nb: 1\n", "several documents"],
    ["a: &x { b: 1 }\nc: *x\n", "*x, an alias, is spelled"],
  ])("refuses %j", (text, why) => expect(() => set(text, "c.b", 1)).toThrow(why));

  const leaf = fc.oneof(
    texts,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
  );
  const { map, value } = documents(leaf);
  const spelled = fc
    .record({
      json: map.filter((json) => Object.keys(json as object).length > 0),
      indent: fc.constantFrom(2, 4),
      indentSeq: fc.boolean(),
      collectionStyle: fc.constantFrom("any" as const, "any" as const, "flow" as const),
      defaultStringType: fc.constantFrom(
        "PLAIN" as const,
        "QUOTE_SINGLE" as const,
        "QUOTE_DOUBLE" as const,
      ),
      lineWidth: fc.constantFrom(0, 20),
    })
    .map(({ json, ...options }) => ({ json, text: stringify(json, options) }))
    .filter(({ json, text }) => Bun.deepEquals(yamlValue(text), json));

  test(
    "means what is asked, for any document, twice the same",
    () =>
      fc.assert(
        fc.property(spelled, value, fc.nat(), ({ json, text }, put, pick) => {
          const paths = pathsInto(json);
          const path = paths[pick % paths.length] ?? ["new"];
          const after = setYaml(text, path, put);
          expect(yamlValue(after)).toEqual(withValue(json, path, put));
          expect(setYaml(after, path, put)).toBe(after);
          const without = removeYaml(after, path);
          expect(yamlValue(without)).toEqual(withoutValue(withValue(json, path, put), path));
          if (path.length === 1 && valueAt(json, path) === undefined) expect(without).toBe(text);
        }),
        { numRuns: 150 },
      ),
    30_000,
  );

  test("keeps every comment and every other line", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.nat(9)), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.nat(),
        fc.boolean(),
        (entries, pick, crlf) => {
          const unique = [...new Map(entries)];
          const lines = unique.flatMap(([key, n]) => [`# of ${key}`, `${key}:   ${n}\t# ${n}`, ""]);
          const end = crlf ? "\r\n" : "\n";
          const [key, n] = unique[pick % unique.length] ?? ["", 0];
          const after = setYaml(lines.join(end), [key], n + 1);
          expect(after.split(end)).toEqual(
            lines.map((line) =>
              line.startsWith(`${key}: `) ? `${key}:   ${n + 1}\t# ${n}` : line,
            ),
          );
          expect(isMap(yamlValue(after))).toBe(true);
        },
      ),
    ));
});
