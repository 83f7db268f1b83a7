/**
 * The order of Alpine's versions, `number{.number}…{letter}{_suffix{number}}…{~hash}{-rN}`. Source: apk-package(5), which takes
 * it from Gentoo's package manager specification. Must not know packages.
 */
import { compareAscii, compareDigits } from "./version-parts.ts";

/** Before the plain version, or after it. */
const suffixes = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];

const whole =
  /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([0-9a-f]+))?(?:-r(\d+))?$/;

/** Negative when `a` comes before `b`. What is no version of Alpine is compared as text, so that equal stays equal. */
export function compareApkVersions(a: string, b: string): number {
  const [x, y] = [whole.exec(a), whole.exec(b)];
  if (x === null || y === null) return compareAscii(a, b);
  const part = (found: RegExpExecArray, index: number) => found[index] ?? "";
  return (
    compareNumbers(part(x, 1), part(y, 1)) ||
    compareAscii(part(x, 2), part(y, 2)) ||
    compareSuffixes(part(x, 3), part(y, 3)) ||
    compareAscii(part(x, 4), part(y, 4)) ||
    compareDigits(part(x, 5), part(y, 5))
  );
}

/** After the first one, a number that begins with a zero is compared as decimals are: `1.01` comes before `1.1`. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a.split("."), b.split(".")];
  for (let i = 0; i < Math.max(x.length, y.length); i += 1) {
    const [p, q] = [x[i], y[i]];
    if (p === undefined || q === undefined) return p === undefined ? -1 : 1;
    const isFraction = i > 0 && (p.startsWith("0") || q.startsWith("0"));
    const order = isFraction ? compareAscii(p, q) : compareDigits(p, q);
    if (order !== 0) return order;
  }
  return 0;
}

function compareSuffixes(a: string, b: string): number {
  const [x, y] = [a.split("_").slice(1), b.split("_").slice(1)];
  for (let i = 0; i < Math.max(x.length, y.length); i += 1) {
    const [p, q] = [suffix(x[i]), suffix(y[i])];
    const order = p.rank - q.rank || compareDigits(p.number, q.number);
    if (order !== 0) return order;
  }
  return 0;
}

/** No suffix has its rank between those before and those after. */
function suffix(written = "") {
  const [, word = "", number = ""] = /^([a-z]*)(\d*)$/.exec(written) ?? [];
  return { rank: suffixes.indexOf(word), number };
}
