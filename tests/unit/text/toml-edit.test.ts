import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../../../src/core/json.ts";
import { parseKeyPath, valueAt, withoutValue, withValue } from "../../../src/core/text/key-path.ts";
import { removeToml, setToml, tomlValue } from "../../../src/core/text/toml-edit.ts";
import { tomlKey, tomlText } from "../../../src/core/text/toml-words.ts";
import { documents, pathsInto, texts } from "../../support/documents.ts";

const set = (text: string, key: string, value: Json) => setToml(text, parseKeyPath(key), value);
const remove = (text: string, key: string) => removeToml(text, parseKeyPath(key));

describe("TOML is read", () => {
  test.each<[string, Json]>([
    ["", {}],
    ["a = 1 # one\n[t]\nb.c = 'x'\n", { a: 1, t: { b: { c: "x" } } }],
    ["[[p]]\nn = 1\n[p.q]\nx = 1\n[[p]]\nn = 2\n", { p: [{ n: 1, q: { x: 1 } }, { n: 2 }] }],
    ["a = [ 1, # one\n 2,\n]\nb = { c = 1, d.e = [] }", { a: [1, 2], b: { c: 1, d: { e: [] } } }],
    ["a = \"\"\"\nx \\\n   y\"\"\"\nb = '''\nl'''", { a: "x y", b: "l" }],
    ['a = """"q""""', { a: '"q"' }],
    ['a = "\\u00e9\\t\\U0001F600"', { a: "é\t😀" }],
    [
      "a = 1_000\nb = 0xff\nc = 0o17\nd = 0b11\ne = +1.5e3\nf = -0",
      { a: 1000, b: 255, c: 15, d: 3, e: 1500, f: -0 },
    ],
    [
      "a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00.5-07:00\nc = 07:32:00\nd = 1979-05-27\ne = inf",
      {
        a: "1979-05-27T07:32:00Z",
        b: "1979-05-27 07:32:00.5-07:00",
        c: "07:32:00",
        d: "1979-05-27",
        e: "inf",
      },
    ],
    ["[a.b]\nx = 1\n[a]\ny = 2\n", { a: { b: { x: 1 }, y: 2 } }],
    ["\"a b\".'c.d'.3 = true\r\n", { "a b": { "c.d": { "3": true } } }],
  ])("%j", (text, value) => expect(tomlValue(text)).toEqual(value));

  test.each([
    ["a = 1\na = 2", "a is there twice, line 2 column 1"],
    ["[a]\n[a]", "a is there twice"],
    ["a = {b = 1}\na.c = 2", "a is no table that a dotted key can add to"],
    ["a.b = 1\n[a]", "a is there twice"],
    ["[a.b]\nx = 1\n[a]\nb.y = 1", "b is no table that a dotted key"],
    ["a = [1]\n[[a]]", "a is there already"],
    ["a = 01", "no value that TOML has, line 1 column 5"],
    ["a = 1__0", "no value"],
    ['a = "x\ny"', "a text without an end"],
    ['a = "\\q"', "an escape that TOML does not have"],
    ["a = 1 b = 2", "something follows"],
    ["a", "no = after the key"],
    ["a = {b = 1,}", "no key"],
    ["= 1", "no key"],
    ["[a", "a header without an end"],
    ["a = [1 2]", "no ] or comma"],
  ])("and %j is refused", (text, why) => expect(() => tomlValue(text)).toThrow(why));
});

describe("an edit of TOML", () => {
  test.each<[string, string, Json, string]>([
    ["a = 1 # one\nb = 2\n", "a", 3, "a = 3 # one\nb = 2\n"],
    ["a = 'x'\r\n", "a", "y", "a = 'y'\r\n"],
    ["d = 2020-01-01\n", "d", "2021-02-03", "d = 2021-02-03\n"],
    ["a = 1\n\n[t]\n# t\nb = 1\n\n[u]\n", "t.c", "x", 'a = 1\n\n[t]\n# t\nb = 1\nc = "x"\n\n[u]\n'],
    ["[t]", "t.a", 1, "[t]\na = 1"],
    ["# head\n\n[t]\nb = 1\n", "a", 1, "# head\n\na = 1\n\n[t]\nb = 1\n"],
    [
      "[t]\nb = 1\n\n[u]\n",
      "t.s",
      { x: 1, y: { z: [1] } },
      "[t]\nb = 1\n\n[t.s]\nx = 1\n\n[t.s.y]\nz = [1]\n\n[u]\n",
    ],
    ["[a.b]\nx = 1\n", "a.y", 2, "[a]\ny = 2\n\n[a.b]\nx = 1\n"],
    ["t.a = 1\n", "t.b", { c: 1 }, "t.a = 1\nt.b = { c = 1 }\n"],
    ["a = { b = 1 }\n", "a.c", 2, "a = { b = 1, c = 2 }\n"],
    ["a = [\n  1, # one\n]\n", "a[1]", 2, "a = [\n  1, # one\n  2,\n]\n"],
    ["[[p]]\nn = 1\n", "p[1]", { n: 2 }, "[[p]]\nn = 1\n\n[[p]]\nn = 2\n"],
    ["[[p]]\nn = 1\n[[p]]\nn = 2\n", "p[0].m", 3, "[[p]]\nn = 1\nm = 3\n[[p]]\nn = 2\n"],
    ["[t]\na = 1 # one\nb = 2\n", "t", { a: 1, c: 3 }, "[t]\na = 1 # one\nc = 3\n"],
    ["", "a.b", 1, "[a]\nb = 1\n"],
  ])("%j, %s", (text, key, value, result) => {
    expect(set(text, key, value)).toBe(result);
    expect(tomlValue(result)).toEqual(withValue(tomlValue(text), parseKeyPath(key), value));
  });

  test.each([
    ["a = 1 # one\n# two\nb = 2\n", "a", "# two\nb = 2\n"],
    ["a = 1\n\n[t]\nb = 1\n\n[u]\nc = 1\n", "t", "a = 1\n\n[u]\nc = 1\n"],
    ["a = { b = 1, c = 2 }\n", "a.b", "a = { c = 2 }\n"],
    ["a = [1, 2]\n", "a[1]", "a = [1]\n"],
    ["t.a = 1\nt.b = 2\n", "t", ""],
    ["[[p]]\nn = 1\n[[p]]\nn = 2\n", "p[0]", "[[p]]\nn = 2\n"],
  ])("%j without %s", (text, key, result) => expect(remove(text, key)).toBe(result));

  test("has no null", () => expect(() => set("", "a", null)).toThrow("TOML has no null"));

  const leaf = fc.oneof(
    texts,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
    fc.boolean(),
  );
  const { map, value } = documents(leaf);

  /** Some tables inline, some dotted, some under headers; a comment before every key. */
  const spell = (json: Json, dotted: boolean, end: string): string => {
    const lines: string[] = [];
    const table = (path: readonly string[], entries: readonly [string, Json][]) => {
      const under = entries.filter(([key, one]) => isTable(one) && key.length % 2 === 0);
      for (const [key, one] of entries) {
        if (isTable(one) && key.length % 2 === 0) continue;
        lines.push(`# of ${path.length}`);
        const first = isTable(one) ? Object.entries(one as Readonly<Record<string, Json>>) : [];
        if (dotted && first.length > 0)
          for (const [inner, deep] of first)
            lines.push(`${tomlKey(key)}.${tomlKey(inner)}=${tomlText(deep)}`);
        else lines.push(`${tomlKey(key)} = ${tomlText(one)} # behind`);
      }
      for (const [key, one] of under) {
        lines.push("", `[${[...path, key].map(tomlKey).join(".")}] # header`);
        table([...path, key], Object.entries(one as Readonly<Record<string, Json>>));
      }
    };
    table([], Object.entries(json as Readonly<Record<string, Json>>));
    return lines.map((line) => `${line}${end}`).join("");
  };
  const isTable = (one: Json) => typeof one === "object" && one !== null && !Array.isArray(one);

  test("means what is asked, for any document, twice the same", () =>
    fc.assert(
      fc.property(
        map,
        value,
        fc.nat(),
        fc.boolean(),
        fc.constantFrom("\n", "\r\n"),
        (json, put, pick, dotted, end) => {
          const text = spell(json, dotted, end);
          expect(tomlValue(text)).toEqual(json);
          const paths = pathsInto(json);
          const path = paths[pick % paths.length] ?? ["new"];
          if (isTable(valueAt(json, path) ?? null) && !isTable(put)) return;
          const after = setToml(text, path, put);
          expect(tomlValue(after)).toEqual(withValue(json, path, put));
          expect(setToml(after, path, put)).toBe(after);
          const without = removeToml(after, path);
          expect(tomlValue(without)).toEqual(withoutValue(withValue(json, path, put), path));
        },
      ),
      { numRuns: 500 },
    ));
});
