/** A block of lines between two marker lines. Must not know what is in it. */
import { VigoError } from "../errors.ts";
import { type Lines, spliced } from "./lines.ts";
import { placeIn } from "./region.ts";

export interface Markers {
  readonly begin: string;
  readonly end: string;
}

/** The block with these lines: in place when it is there, else where `position` says (as `placeIn` takes it). */
export function withBlock(
  doc: Lines,
  markers: Markers,
  content: readonly string[],
  position: string,
): Lines {
  const there = blockIn(doc, markers);
  const all = [markers.begin, ...content, markers.end];
  if (there === undefined)
    return spliced(doc, placeIn(doc, { from: 0, to: doc.lines.length }, position), 0, all);
  const is = doc.lines.slice(there.at, there.at + there.count).map(({ text }) => text);
  return is.join("\n") === all.join("\n") ? doc : spliced(doc, there.at, there.count, all);
}

export function withoutBlock(doc: Lines, markers: Markers): Lines {
  const there = blockIn(doc, markers);
  return there === undefined ? doc : spliced(doc, there.at, there.count);
}

/** Markers that do not make one pair are refused: somebody else's lines would be taken for the block's. */
function blockIn(
  { lines }: Lines,
  { begin, end }: Markers,
): { readonly at: number; readonly count: number } | undefined {
  const places = (marker: string) =>
    [...lines.entries()].filter(([, { text }]) => text.trim() === marker.trim()).map(([at]) => at);
  const [begins, ends] = [places(begin), places(end)];
  const [from, to] = [begins[0], ends[0]];
  if (from === undefined && to === undefined) return undefined;
  if (begins.length === 1 && ends.length === 1 && from !== undefined && to !== undefined)
    if (from < to) return { at: from, count: to - from + 1 };
  const at = [...begins, ...ends].sort((a, b) => a - b).map((line) => line + 1);
  throw new VigoError("failed", `its markers are not one pair: lines ${at.join(", ")}`, {
    hint: `leave one "${begin.trim()}" and, after it, one "${end.trim()}"`,
  });
}
