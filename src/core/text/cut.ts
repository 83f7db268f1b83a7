/**
 * Long texts made short for messages. Where something is missing stands `…`: what takes secrets out of texts looks there for what is
 * left of one. Must not know what the text says.
 */

export const cutMark = "…";

/** Its beginning. */
export const headOf = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}${cutMark}` : text;

/** Its end, where a program says what went wrong. */
export const tailOf = (text: string, most: number): string =>
  text.length > most ? `${cutMark}${text.slice(-most)}` : text;
