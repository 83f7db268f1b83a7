/** Text that came from elsewhere, made fit for a terminal, and the few colours there are. Must not know what is said. */
import { inertText } from "../../../core/inert.ts";
import type { Screen } from "../../../core/command/screen.ts";

/** Control characters become visible, so that nothing an envoy reports can steer the reader's terminal. */
export const visible = (text: string): string =>
  // Bidirectional controls count too: they make a line read otherwise than it is.
  text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === "\t"
      ? "\\t"
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}}`,
  );

/** A line that a program printed: tabs are its own, and so is no carriage return at its end. */
export const asPrinted = (line: string): string => inertText(line.replace(/\r$/, ""));

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Paint = keyof typeof codes;

/** In colour where that is allowed. */
export const painted = ({ colour }: Pick<Screen, "colour">, paint: Paint, text: string): string =>
  colour ? `\u001b[${codes[paint]}m${text}\u001b[0m` : text;

/** What a word for how something stands is painted in. */
const standing: Readonly<Record<string, Paint>> = {
  ok: "green",
  pass: "green",
  converged: "green",
  changed: "yellow",
  pending: "yellow",
  warn: "yellow",
  relapsed: "yellow",
  diverged: "yellow",
  degraded: "red",
  failed: "red",
  fail: "red",
  blocked: "red",
  offline: "red",
  skipped: "dim",
  skip: "dim",
};

export function stood(screen: Pick<Screen, "colour">, word: string): string {
  const paint = Object.hasOwn(standing, word) ? standing[word] : undefined;
  return paint === undefined ? visible(word) : painted(screen, paint, word);
}
