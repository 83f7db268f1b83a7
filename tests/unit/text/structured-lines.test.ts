/**
 * Editors of JSON, YAML, TOML and XML on files that people and other programs have written: every byte of every other line stays,
 * also where line ends are mixed, where comments hold anything, and where the last line has no end.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { removeJson, setJson } from "../../../src/core/text/json-edit.ts";
import { removeToml, setToml } from "../../../src/core/text/toml-edit.ts";
import { removeXml, setXml } from "../../../src/core/text/xml-edit.ts";
import { removeYaml, setYaml } from "../../../src/core/text/yaml-edit.ts";
import { oddLines } from "../../support/dressed.ts";

interface Format {
  readonly first: string;
  readonly last: string;
  entry(key: string, value: number, comma: boolean): string;
  comment(words: string): string;
  set(text: string, key: string, value: number): string;
  remove(text: string, key: string): string;
}

const formats: Readonly<Record<string, Format>> = {
  JSON: {
    first: "{",
    last: "}",
    entry: (key, value, comma) => `  "${key}" :  ${value}${comma ? "," : ""} // of ${key}`,
    comment: (words) => `  // ${words}`,
    set: (text, key, value) => setJson(text, [key], value),
    remove: (text, key) => removeJson(text, [key]),
  },
  YAML: {
    first: "---",
    last: "# end",
    entry: (key, value) => `${key} :   ${value}\t# of ${key}`,
    comment: (words) => `# ${words}`,
    set: (text, key, value) => setYaml(text, [key], value),
    remove: (text, key) => removeYaml(text, [key]),
  },
  TOML: {
    first: "# begin",
    last: "# end",
    entry: (key, value) => `${key}\t=  ${value} # of ${key}`,
    comment: (words) => `  # ${words}`,
    set: (text, key, value) => setToml(text, [key], value),
    remove: (text, key) => removeToml(text, [key]),
  },
  XML: {
    first: "<r  a='1' >",
    last: "</r >",
    entry: (key, value) => `\t<${key} of='${key}' >${value}</${key} >`,
    comment: (words) => `<!-- ${words.replaceAll("-", "_")} -->`,
    set: (text, key, value) => setXml(text, `/r/${key}`, `${value}`),
    remove: (text, key) => removeXml(text, `/r/${key}`),
  },
};

/** What a comment may hold in each of them: no returns, no line separators, nothing that is no sign. */
const words = oddLines.filter((line) => !/[\r\f\u0085\u2028\u2029]/.test(line));

interface Row {
  readonly key?: string;
  readonly value: number;
  readonly text: string;
}

const files = (format: Format) =>
  fc
    .record({
      keys: fc.uniqueArray(fc.stringMatching(/^[a-d]{1,2}$/), { minLength: 1, maxLength: 5 }),
      notes: fc.array(fc.constantFrom(...["", ...words]), { minLength: 5, maxLength: 5 }),
      ends: fc.array(fc.constantFrom("\n", "\r\n"), { minLength: 12, maxLength: 12 }),
      ended: fc.boolean(),
    })
    .map(({ keys, notes, ends, ended }) => {
      const rows = keys.flatMap((key, i): readonly Row[] => [
        { value: i, text: notes[i] === "" ? "" : format.comment(notes[i] ?? "") },
        { key, value: i, text: format.entry(key, i, i < keys.length - 1) },
      ]);
      const all = [{ value: 0, text: format.first }, ...rows, { value: 0, text: format.last }];
      const lines = all.map((row, i) => `${row.text}${ends[i] ?? "\n"}`);
      if (!ended) lines.push((lines.pop() ?? "").trimEnd());
      return { keys, lines, text: lines.join("") };
    });

const lineOf = (key: string) => new RegExp(`^[\\s<"]*${key}[\\s"]`);
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

describe.each(Object.entries(formats))("%s", (name, format) => {
  test("a value changes in its line, and no other byte", () => {
    fc.assert(
      fc.property(files(format), fc.nat(), ({ keys, lines, text }, pick) => {
        const key = keys[pick % keys.length] ?? "";
        const at = lines.findIndex((line) => lineOf(key).test(line));
        const after = format.set(text, key, 987);
        expect(linesOf(after)).toEqual(
          lines.map((line, i) => (i === at ? line.replace(/(?<=[\s>])\d(?=[\s,<])/, "987") : line)),
        );
        expect(format.set(after, key, 987)).toBe(after);
      }),
      { numRuns: 60 },
    );
  });

  test("a new value comes in lines of its own, and goes without a trace", () => {
    fc.assert(
      fc.property(files(format), ({ lines, text }) => {
        const after = format.set(text, "new", 5);
        const left = linesOf(after).filter((line) => !/^[\s<"]*new\b/.test(line));
        // JSON parts its entries with commas: the last one gets one.
        const bare = (all: readonly string[]) =>
          name === "JSON" ? all.map((line) => line.replace(/,(?= \/\/ of)/, "")) : all;
        expect(bare(left)).toEqual(bare(lines));
        expect(format.set(after, "new", 5)).toBe(after);
        expect(format.remove(after, "new")).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  test("what goes is its line", () => {
    fc.assert(
      fc.property(files(format), fc.nat(), ({ keys, lines, text }, pick) => {
        fc.pre(keys.length > 1);
        const key = keys[pick % keys.length] ?? "";
        const after = format.remove(text, key);
        const bare = (all: readonly string[]) =>
          name === "JSON" ? all.map((line) => line.replace(/,(?= \/\/ of)/, "")) : all;
        const kept = lines.filter((line) => !lineOf(key).test(line));
        expect(bare(linesOf(after))).toEqual(bare(kept));
        expect(format.remove(after, key)).toBe(after);
      }),
      { numRuns: 60 },
    );
  });
});
