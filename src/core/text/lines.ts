/**
 * A text as lines that can be taken out, put in and replaced without touching the others: byte order mark, line endings (also
 * mixed ones) and a missing last newline stay as they are. Must not know what the lines mean.
 */

export interface Line {
  readonly text: string;
  /** What ended it, or would have: the last line of a text without a last newline has one too, which is not printed. */
  readonly end: string;
}

export interface Lines {
  readonly bom: boolean;
  readonly lines: readonly Line[];
  /** What a new line ends with: what the first one does. */
  readonly eol: string;
  /** The last line has an end. */
  readonly ended: boolean;
}

const mark = "\uFEFF";

export function parseLines(text: string): Lines {
  const bom = text.startsWith(mark);
  const found = [...text.slice(bom ? 1 : 0).matchAll(/([^\n]*?)(\r?\n|$)/g)]
    .map(([, line = "", end = ""]) => ({ text: line, end }))
    .filter((line) => line.text !== "" || line.end !== "");
  const eol = found[0]?.end === "\r\n" ? "\r\n" : "\n";
  const ended = found.at(-1)?.end !== "";
  // A carriage return at the very end would melt with a newline put after it.
  const lines = found.map((line) =>
    line.end === "" ? { ...line, end: line.text.endsWith("\r") ? "\r\n" : eol } : line,
  );
  return { bom, lines, eol, ended };
}

/** The text again. A last line that is empty keeps its end, or it would not be a line. */
export function printLines({ bom, lines, ended }: Lines): string {
  const last = lines.at(-1);
  const all = lines.map((line) => `${line.text}${line.end}`).join("");
  const cut = ended || last === undefined || last.text === "" ? 0 : last.end.length;
  return `${bom ? mark : ""}${cut === 0 ? all : all.slice(0, -cut)}`;
}

/** The same text with these lines. */
export const withLines = (doc: Lines, lines: readonly Line[]): Lines => ({ ...doc, lines });

/** Without `count` lines from `at` on, and with new ones in their place, which end like the text's others. */
export function spliced(
  doc: Lines,
  at: number,
  count: number,
  texts: readonly string[] = [],
): Lines {
  const added = texts.map((text) => ({ text, end: doc.eol }));
  return withLines(doc, doc.lines.toSpliced(at, count, ...added));
}

/** With another text in a line, which keeps its end. */
export const retold = (doc: Lines, at: number, text: string): Lines =>
  withLines(
    doc,
    doc.lines.map((line, index) => (index === at && line.text !== text ? { ...line, text } : line)),
  );

/** Without the lines that `which` names by their text and place. */
export const without = (doc: Lines, which: (text: string, at: number) => boolean): Lines =>
  withLines(
    doc,
    doc.lines.filter(({ text }, at) => !which(text, at)),
  );
