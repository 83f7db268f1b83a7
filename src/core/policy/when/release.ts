/**
 * Order of operating system releases: numbers compared as numbers, part by part. Must not know packages, whose order is their
 * package manager's own.
 */

/** Is `version` the same as `least` or newer? `12` is `12.0`, `9.9` is older than `9.10`, a number older than a word. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [partsOf(version), partsOf(least)];
  for (const [index, part] of want.entries()) {
    const order = compare(have[index] ?? "0", part);
    if (order !== 0) return order > 0;
  }
  return true;
}

const partsOf = (version: string): readonly string[] => version.toLowerCase().split(/[.\-_ ]/);

function compare(a: string, b: string): number {
  const [left, right] = [Number(a), Number(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  if (Number.isNaN(left) && Number.isNaN(right)) return a < b ? -1 : Number(a > b);
  return Number.isNaN(left) ? 1 : -1;
}
