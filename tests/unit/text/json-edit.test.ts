import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../../../src/core/json.ts";
import { jsonValue, removeJson, setJson } from "../../../src/core/text/json-edit.ts";
import {
  parseKeyPath,
  printKeyPath,
  valueAt,
  withoutValue,
  withValue,
} from "../../../src/core/text/key-path.ts";
import { documents, pathsInto, texts } from "../../support/documents.ts";

const set = (text: string, key: string, value: Json, indent?: number) =>
  setJson(text, parseKeyPath(key), value, indent);
const remove = (text: string, key: string) => removeJson(text, parseKeyPath(key));

describe("an edit of JSON", () => {
  test.each<[string, string, Json, string]>([
    ['{"a":1}', "a", 2, '{"a":2}'],
    ['{"a":1}', "b", "x", '{"a":1,"b":"x"}'],
    ['{ "a": 1 }', "b", [1, { c: 2 }], '{ "a": 1, "b": [1, {"c": 2}] }'],
    ["{}", "a.b", true, '{\n  "a": {\n    "b": true\n  }\n}'],
    [
      '{\n    "a": 1\n}\n',
      "b",
      { c: [] },
      '{\n    "a": 1,\n    "b": {\n        "c": []\n    }\n}\n',
    ],
    ['{\r\n\t"a": 1\r\n}', "b", { c: 1 }, '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": 1\r\n\t}\r\n}'],
    ['{\n  "a": 1 // one\n}\n', "b", 2, '{\n  "a": 1, // one\n  "b": 2\n}\n'],
    ['{\n  "a": 1, /* , */\n}\n', "b", 2, '{\n  "a": 1, /* , */\n  "b": 2,\n}\n'],
    ['{"a":[1,2]}', "a[2]", 3, '{"a":[1,2,3]}'],
    ['{"a":[ 1, 2 ]}', "a[0]", 9, '{"a":[ 9, 2 ]}'],
    ['// head\n{ "a.b": 1 }', '["a.b"]', null, '// head\n{ "a.b": null }'],
    ["", "a[0].b", 1, '{\n  "a": [\n    {\n      "b": 1\n    }\n  ]\n}\n'],
  ])("%j, %s", (text, key, value, result) => expect(set(text, key, value)).toBe(result));

  test.each([
    ['{"a":1,"b":2}', "a", '{"b":2}'],
    ['{"a":1, "b":2}', "b", '{"a":1}'],
    ['{\n  "a": 1,\n  "b": 2\n}\n', "b", '{\n  "a": 1\n}\n'],
    ['{\n  "a": 1,\n  "b": 2\n}\n', "a", '{\n  "b": 2\n}\n'],
    ['{\n  "a": 1, // one\n  // two\n  "b": 2\n}\n', "b", '{\n  "a": 1 // one\n  // two\n}\n'],
    ['{"a":[1,2,3]}', "a[1]", '{"a":[1,3]}'],
    ['{"a":{}}', "a.b.c", '{"a":{}}'],
    ['{"a":1}', "a", "{}"],
  ])("%j without %s", (text, key, result) => expect(remove(text, key)).toBe(result));

  test.each([
    ['{"a":1', "no } or comma, line 1 column 7"],
    ['{"a":1,"a":2}', 'the key "a" is there twice, line 1 column 8'],
    ["{a:1}", "no key in quotes"],
    ['{"a":01}', "no } or comma"],
    ["{} x", "something follows"],
    ['{"a":"\n"}', "a text with a letter"],
    [`${"[".repeat(300)}`, "nested too deep"],
  ])("refuses %j", (text, why) => expect(() => set(text, "a", 1)).toThrow(why));

  test.each([
    ['{"a":"x"}', "a.b", "a is a text, not a map"],
    ['{"a":[1]}', "a[3]", "a has 1 items: there is no [3]"],
    ['{"a":{}}', "a[0]", "a is a map, not a list"],
    ["[1]", "a", "the whole file is a list, not a map"],
    ["{}", "a[2]", "a new list begins with [0]"],
  ])("of %j cannot reach %s", (text, key, why) => expect(() => set(text, key, 1)).toThrow(why));

  const leaf = fc.oneof(
    texts,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
  );
  const { map, value } = documents(leaf);
  const spelled = fc
    .tuple(map, fc.constantFrom(undefined, 1, 2, 4, "\t"), fc.boolean(), fc.boolean())
    .map(([json, unit, crlf, last]) => {
      const text = `${JSON.stringify(json, null, unit)}${last ? "\n" : ""}`;
      return { json, text: crlf ? text.replaceAll("\n", "\r\n") : text };
    });

  test("means what is asked, for any document, twice the same", () =>
    fc.assert(
      fc.property(spelled, value, fc.nat(), ({ json, text }, put, pick) => {
        const paths = pathsInto(json);
        const path = paths[pick % paths.length] ?? ["new"];
        const after = setJson(text, path, put);
        expect(jsonValue(after)).toEqual(withValue(json, path, put));
        expect(setJson(after, path, put)).toBe(after);
        const without = removeJson(after, path);
        expect(jsonValue(without)).toEqual(withoutValue(withValue(json, path, put), path));
        expect(removeJson(without, path)).toBe(
          path.some((step) => typeof step === "number") ? removeJson(without, path) : without,
        );
        if (
          path.length === 1 &&
          valueAt(json, path) === undefined &&
          Object.keys(json as object).length > 0
        )
          expect(without).toBe(text);
      }),
      { numRuns: 400 },
    ));

  test("prints a path as it is read", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.nat(999),
            fc.string({ minLength: 1, unit: "grapheme" }).filter((s) => !s.includes("\n")),
          ),
          { minLength: 1 },
        ),
        (path) => expect(parseKeyPath(printKeyPath(path))).toEqual(path),
      ),
    ));
});
