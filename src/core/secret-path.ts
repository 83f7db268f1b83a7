/**
 * How secrets are named (semantics §6), and how a name becomes the name of a file. Must not know what a secret holds.
 */

/** As a pattern inside others. */
export const secretPathPattern = "[A-Za-z0-9_][A-Za-z0-9_./-]*";

/** Of a path; the name of its file stays below what file systems take. */
export const longestSecretPath = 200;

const whole = new RegExp(`^${secretPathPattern}$`);

export const isSecretPath = (path: string): boolean =>
  path.length <= longestSecretPath && whole.test(path);

/** `:` cannot be part of a path, so the way back is as plain: `web/db` ↔ `web:db.secret`. */
const ending = ".secret";

export const secretFileName = (path: string): string => `${path.replaceAll("/", ":")}${ending}`;

/** Undefined for a file that is none of ours. */
export function secretPathOf(fileName: string): string | undefined {
  if (!fileName.endsWith(ending)) return undefined;
  const path = fileName.slice(0, -ending.length).replaceAll(":", "/");
  return isSecretPath(path) ? path : undefined;
}

/** Shorter ones cannot be taken out of texts without taking out much else: their whole line goes. */
export const shortSecret = 6;

/** Of a value, in bytes of UTF-8: a key or a certificate chain fits, a file does not. */
export const longestSecret = 65_536;
