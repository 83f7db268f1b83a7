/** What matches a pattern, replaced. Must not know where the text is kept. */
import { VigoError } from "../errors.ts";
import { type Lines, printLines, withLines } from "./lines.ts";
import { type Bounds, linesPattern, mustHaveRegion } from "./region.ts";

export interface Replacement extends Bounds {
  /** `^` and `$` are ends of lines; a dot is no line end. */
  readonly match_pattern: string;
  /** `$1`, `$<name>` and `$&` stand for what matched, `$$` for a dollar. */
  readonly replacement: string;
  readonly occurrences: "all" | "first";
}

/** Refuses a replacement that would have to be done again on its own result, for it would never be done. */
export function replaced(doc: Lines, wish: Replacement): Lines {
  const once = pass(doc, wish);
  if (printLines(pass(once, wish)) === printLines(once)) return once;
  throw new VigoError("failed", "the text that was put in matches again, and would in each run", {
    hint: "narrow match_pattern to the former text, as with ^…$ or (?!…)",
  });
}

/** Inside, lines end with a newline: patterns are written without thought of carriage returns. Each line gets its end back. */
function pass(doc: Lines, wish: Replacement): Lines {
  const { from, to } = mustHaveRegion(doc, wish);
  const inside = doc.lines.slice(from, to);
  const text = inside.map((line) => line.text).join("\n");
  const pattern = linesPattern(wish.match_pattern, wish.occurrences === "all" ? "g" : "");
  const after = text.replace(pattern, wish.replacement);
  if (after === text || (inside.length === 0 && after === "")) return doc;
  const lines = after.split("\n");
  const sameEnds = inside.every(({ end }) => end === doc.eol);
  if (!sameEnds && lines.length !== inside.length)
    throw new VigoError("failed", "its line endings are mixed and lines come or go", {
      hint: "make all line endings the same first, as with sed -i 's/\\r$//'",
    });
  const fresh = lines.map((line, at) => ({ text: line, end: inside[at]?.end ?? doc.eol }));
  return withLines(doc, [...doc.lines.slice(0, from), ...fresh, ...doc.lines.slice(to)]);
}
