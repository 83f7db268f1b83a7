/**
 * The order of rpm's versions, `[epoch:]version[-release]`. Source: rpm-version(7) and the packaging rules of Fedora. Must not
 * know packages.
 */
import { compareStretches, partsOf } from "./version-parts.ts";

/** Negative when `a` comes before `b`. A release is compared only where both have one, as rpm's own dependencies do it. */
export function compareRpmVersions(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)];
  const order = compareRpmParts(x.epoch, y.epoch) || compareRpmParts(x.version, y.version);
  if (order !== 0 || x.release === undefined || y.release === undefined) return order;
  return compareRpmParts(x.release, y.release);
}

/** Stretches of digits or of letters; whatever stands between them only parts them, but for `~` and `^`. */
const piece = /[0-9]+|[A-Za-z]+|[~^]/g;

/** `1.0~rc1` comes before `1.0`, and `1.0^git1` between `1.0` and `1.0.1`. */
function compareRpmParts(a: string, b: string): number {
  const [x, y] = [a.match(piece) ?? [], b.match(piece) ?? []];
  for (let i = 0; i < Math.max(x.length, y.length); i += 1) {
    const order = comparePieces(x[i], y[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePieces(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === "~" || b === "~") return a === "~" ? -1 : 1;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  if (a === "^" || b === "^") return a === "^" ? -1 : 1;
  return compareStretches(a, b);
}
