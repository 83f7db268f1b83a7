/** One line of a text, there or not. Must not know where the text is kept. */
import { type Lines, retold, spliced, without } from "./lines.ts";
import {
  type Bounds,
  linePattern,
  mustHaveRegion,
  placeIn,
  type Region,
  regionOf,
} from "./region.ts";

export interface LineWish extends Bounds {
  readonly line: string;
  /** Lines that this one stands for, whatever they say. */
  readonly match_pattern?: string;
  /** As `placeIn` takes it; for a line that replaces none. */
  readonly position: string;
}

/**
 * The line itself stays where it is; else the first line it stands for becomes it, one that is in use rather than a comment.
 * Comments are never taken away: they may be the manual.
 */
export function withLine(doc: Lines, wish: LineWish): Lines {
  const region = mustHaveRegion(doc, wish);
  const found = standing(doc, region, wish);
  const textAt = (at: number) => doc.lines[at]?.text ?? "";
  const used = found.filter((at) => !comment.test(textAt(at)));
  const kept = found.find((at) => textAt(at) === wish.line) ?? used[0] ?? found[0];
  if (kept === undefined) return spliced(doc, placeIn(doc, region, wish.position), 0, [wish.line]);
  const stays = (at: number) => at === kept || wish.match_pattern === undefined;
  const surplus = new Set(used.filter((at) => !stays(at)));
  return without(retold(doc, kept, wish.line), (_, at) => surplus.has(at));
}

const comment = /^\s*(?:#|;|\/\/)/;

/** Without every such line. Where there is no region, there is no line either. */
export function withoutLine(
  doc: Lines,
  wish: Bounds & Partial<Pick<LineWish, "line" | "match_pattern">>,
): Lines {
  const region = regionOf(doc, wish);
  if (region === undefined) return doc;
  const gone = new Set(standing(doc, region, wish));
  return without(doc, (_, at) => gone.has(at));
}

/** Indices of the line itself and of those it stands for. */
function standing(
  { lines }: Lines,
  { from, to }: Region,
  { line, match_pattern }: Partial<Pick<LineWish, "line" | "match_pattern">>,
): readonly number[] {
  const pattern = match_pattern === undefined ? undefined : linePattern(match_pattern);
  return [...lines.entries()]
    .filter(([at, { text }]) => at >= from && at < to && (text === line || pattern?.test(text)))
    .map(([at]) => at);
}
