/**
 * The order of semantic versions. Source: Semantic Versioning 2.0.0, section 11, widened by what package managers print: a
 * leading `v`, fewer or more than three numbers. Must not know packages.
 */
import { compareAscii, compareDigits } from "./version-parts.ts";

/** Negative when `a` comes before `b`. What stands behind a `+` does not count. */
export function compareSemver(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)];
  return compareNumbers(x.numbers, y.numbers) || comparePrerelease(x.before, y.before);
}

function partsOf(version: string) {
  const [plain = ""] = version.replace(/^v(?=\d)/, "").split("+", 1);
  const dash = plain.indexOf("-");
  return dash < 0
    ? { numbers: plain.split("."), before: [] }
    : { numbers: plain.slice(0, dash).split("."), before: plain.slice(dash + 1).split(".") };
}

function compareNumbers(x: readonly string[], y: readonly string[]): number {
  for (let i = 0; i < Math.max(x.length, y.length); i += 1) {
    const order = compareIdentifiers(x[i] ?? "0", y[i] ?? "0");
    if (order !== 0) return order;
  }
  return 0;
}

/** A version without a pre-release comes after all that have one; more identifiers come after fewer. */
function comparePrerelease(x: readonly string[], y: readonly string[]): number {
  if (x.length === 0 || y.length === 0) return y.length - x.length;
  for (let i = 0; i < Math.max(x.length, y.length); i += 1) {
    const [p, q] = [x[i], y[i]];
    if (p === undefined || q === undefined) return p === undefined ? -1 : 1;
    const order = compareIdentifiers(p, q);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers come before words. */
function compareIdentifiers(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (x !== y) return x ? -1 : 1;
  return x ? compareDigits(a, b) : compareAscii(a, b);
}
