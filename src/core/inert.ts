/** Takes from text what steers a terminal, or makes a line read otherwise than it is. Must not know where it is shown. */

/** Control characters that JSON leaves as they are (C1 begins sequences too), and bidirectional controls: as JSON's own escapes. */
export const inertJson = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The same of plain text, which may have lines. */
export const inertText = (text: string): string =>
  text.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (char) =>
    char === "\n" || char === "\t"
      ? char
      : `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}}`,
  );
