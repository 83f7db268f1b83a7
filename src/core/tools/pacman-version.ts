/**
 * The order of pacman's versions, `[epoch:]version[-release]`. Source: vercmp(8). Must not know packages.
 */
import { compareDigits, compareStretches, partsOf } from "./version-parts.ts";

/** Negative when `a` comes before `b`. A release is compared only where both have one. */
export function comparePacmanVersions(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)];
  const order = compareDigits(x.epoch, y.epoch) || compareParts(x.version, y.version);
  if (order !== 0 || x.release === undefined || y.release === undefined) return order;
  return compareParts(x.release, y.release);
}

interface Piece {
  /** How many signs part it from the piece before. */
  readonly gap: number;
  readonly stretch: string;
}

const piecesOf = (text: string): readonly Piece[] =>
  [...text.matchAll(/([^0-9A-Za-z]*)([0-9]+|[A-Za-z]+|$)/g)]
    .filter(([all]) => all !== "")
    .map(([, gap = "", stretch = ""]) => ({ gap: gap.length, stretch }));

function compareParts(a: string, b: string): number {
  const [x, y] = [piecesOf(a), piecesOf(b)];
  const shorter = Math.min(x.length, y.length);
  for (let i = 0; i < shorter; i += 1) {
    const [p, q] = [x[i] as Piece, y[i] as Piece];
    if (p.stretch === "" || q.stretch === "") return compareRest(p.stretch, q.stretch);
    if (p.gap !== q.gap) return p.gap - q.gap;
    const order = compareStretches(p.stretch, q.stretch);
    if (order !== 0) return order;
  }
  return compareRest(restOf(x[shorter]), restOf(y[shorter]));
}

/** What is left after all pieces that both have; a separator counts as what is left. */
const restOf = (piece: Piece | undefined) =>
  piece === undefined ? "" : piece.gap > 0 ? `.${piece.stretch}` : piece.stretch;

/** Letters that are left make a version older than its end (`1.0rc1` before `1.0`), anything else makes it newer. */
function compareRest(a: string, b: string): number {
  if (a === b) return 0;
  const isWord = (rest: string) => /^[A-Za-z]/.test(rest);
  return (a === "" && !isWord(b)) || isWord(a) ? -1 : 1;
}
