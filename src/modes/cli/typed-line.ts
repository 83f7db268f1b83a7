/** A command line that is being typed, in words. Must not know any command. */

export interface TypedLine {
  /** Those that are whole, without their quotes. */
  readonly words: readonly string[];
  /** The one at the cursor; may be empty. */
  readonly begun: string;
}

const piece = /'([^']*)'|"([^"\\]*)"|\\(.)|([^\s'"\\]+)|(\s+)/y;

/** As far as a name needs it: undefined where a quote is open, or something stands in quotes that a shell would change. */
export function typedLine(line: string): TypedLine | undefined {
  const words: string[] = [];
  let begun: string | undefined;
  piece.lastIndex = 0;
  while (piece.lastIndex < line.length) {
    const found = piece.exec(line);
    if (found === null) return undefined;
    const [, single, double, escaped, plain, space] = found;
    if (space === undefined) begun = (begun ?? "") + (single ?? double ?? escaped ?? plain ?? "");
    else if (begun !== undefined) {
      words.push(begun);
      begun = undefined;
    }
  }
  return { words, begun: begun ?? "" };
}
