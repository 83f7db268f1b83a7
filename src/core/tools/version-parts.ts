/**
 * What the orders of versions have in common: the outer parts, and how numbers and words compare. Must not know whose order it is.
 */

/** No epoch is the lowest one. */
export function partsOf(version: string) {
  const [, epoch = "0", rest = version] = /^(\d*):(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf("-");
  return dash < 0
    ? { epoch, version: rest, release: undefined }
    : { epoch, version: rest.slice(0, dash), release: rest.slice(dash + 1) };
}

const isNumber = (stretch: string) => /^\d/.test(stretch);

/** A number is newer than letters; of two numbers the bigger one, of two words the later one in ASCII. */
export function compareStretches(a: string, b: string): number {
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? 1 : -1;
  return isNumber(a) ? compareDigits(a, b) : compareAscii(a, b);
}

/** Of any length: without leading zeros, the longer one is the bigger one. */
export function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length - y.length || compareAscii(x, y);
}

export function compareAscii(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
