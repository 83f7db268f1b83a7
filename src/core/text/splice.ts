/** Replaces stretches of a text and knows where in it something stands. Must not know what the text is. */
import { VigoError } from "../errors.ts";

export const splice = (text: string, start: number, end: number, put: string): string =>
  text.slice(0, start) + put + text.slice(end);

/** The line end a text uses: that of its first line. */
export const lineEndOf = (text: string): "\n" | "\r\n" =>
  /\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n";

/** The end of the line an offset is on; where that has none, the one the text uses. */
export function lineEndAt(text: string, at: number): "\n" | "\r\n" {
  const end = text.indexOf("\n", at);
  if (end < 0) return lineEndOf(text);
  return text[end - 1] === "\r" ? "\r\n" : "\n";
}

/** Where the line of an offset begins. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;

/** Where the line after that of an offset begins, or the end of the text. */
export function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** Blanks a line begins with. */
export const indentAt = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? "";

/** A text that cannot be read, with the place where it stops making sense. */
export function unreadable(kind: string, text: string, at: number, why: string): VigoError {
  const line = text.slice(0, at).split("\n").length;
  const column = at - lineStart(text, at) + 1;
  return new VigoError(
    "failed",
    `not ${kind} that can be edited: ${why}, line ${line} column ${column}`,
    {
      hint: "mend the file by hand; it was left as it is",
    },
  );
}
