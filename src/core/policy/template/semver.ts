/** Precedence of versions, by Semantic Versioning 2.0.0 §11. Must not know package managers' own orders. */

const form = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** -1, 0 or 1; `1.2` is `1.2.0`, build metadata does not count. Throws for what is no version. */
export function compareSemver(a: string, b: string): -1 | 0 | 1 {
  const [left, right] = [parse(a), parse(b)];
  return sign(
    byNumbers(left.numbers, right.numbers) || byPrerelease(left.prerelease, right.prerelease),
  );
}

function parse(version: string) {
  const [all, major, minor = "0", patch = "0", prerelease] = form.exec(version.trim()) ?? [];
  if (all === undefined || major === undefined)
    throw new Error(`"${version}" is no version like 1.2.3`);
  return {
    numbers: [major, minor, patch].map(BigInt),
    prerelease: prerelease?.split(".") ?? [],
  };
}

function byNumbers(a: readonly bigint[], b: readonly bigint[]): number {
  for (const [index, number] of a.entries()) {
    const other = b[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  return 0;
}

/** A version without one is newer than any with; then part by part, and the longer one is newer. */
function byPrerelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (part !== other) return byPart(part, other);
  }
  return a.length - b.length;
}

function byPart(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b));
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : 1;
}

const sign = (order: number): -1 | 0 | 1 => (order === 0 ? 0 : order < 0 ? -1 : 1);
