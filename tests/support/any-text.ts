/** Texts as editors meet them: odd endings, byte order marks, no last newline. Must not know any editor. */
import fc from "fast-check";
import { type Lines, parseLines, printLines } from "../../src/core/text/lines.ts";

/** Texts made of the given words and of noise. */
export const anyText = (words: readonly string[]): fc.Arbitrary<string> =>
  fc
    .record({
      bom: fc.boolean(),
      lines: fc.array(
        fc.tuple(
          fc.oneof(
            { weight: 3, arbitrary: fc.constantFrom(...words) },
            { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
            { weight: 1, arbitrary: fc.constantFrom("", "  ", "\t", "# note", "a\rb", "é") },
          ),
          fc.constantFrom("\n", "\n", "\n", "\r\n"),
        ),
        { maxLength: 14 },
      ),
      ended: fc.boolean(),
    })
    .map(({ bom, lines, ended }) => {
      const all = lines.map(([text, end]) => `${text.replaceAll("\n", "")}${end}`).join("");
      return `${bom ? "\uFEFF" : ""}${ended ? all : all.replace(/\r?\n$/, "")}`;
    });

/** An editor of lines as one of texts. */
export const onText =
  (edit: (doc: Lines) => Lines) =>
  (text: string): string =>
    printLines(edit(parseLines(text)));

/** What stands in each line, found without the parser that is tested. */
export function rawLines(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.replace(/\r$/, ""));
}

/** Are the lines of `a` those of `b` without some? */
export function isThinned(a: readonly string[], b: readonly string[]): boolean {
  let at = 0;
  for (const line of b) if (at < a.length && a[at] === line) at += 1;
  return at === a.length;
}
