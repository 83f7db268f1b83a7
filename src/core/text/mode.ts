/** File permissions as people write them (chmod(1)). Must not know files. */

/** What `written` makes of `current`: octal replaces, symbolic is relative. `X` is x for folders and for what has any x. */
export function modeBits(written: string, current: number, isFolder: boolean): number {
  if (/^[0-7]+$/.test(written)) return Number.parseInt(written, 8);
  return written.split(",").reduce((mode, clause) => applied(clause, mode, isFolder), current);
}

/** `0644` */
export const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

const whose: Readonly<Record<string, { readonly shift: number; readonly special: number }>> = {
  u: { shift: 6, special: 0o4000 },
  g: { shift: 3, special: 0o2000 },
  o: { shift: 0, special: 0 },
};

function applied(clause: string, before: number, isFolder: boolean): number {
  const [, who = "", rest = ""] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
  const people = who === "" || who.includes("a") ? "ugo" : who;
  let mode = before;
  for (const [, sign, letters = ""] of rest.matchAll(/([-+=])([rwxXst]*)/g))
    mode = operated(mode, sign ?? "", masks(letters, people, before, isFolder));
  return mode;
}

interface Masks {
  /** The bits named. */
  readonly bits: number;
  /** All bits of these people. */
  readonly all: number;
}

function masks(letters: string, people: string, before: number, isFolder: boolean): Masks {
  const has = (letter: string) => letters.includes(letter);
  const execute = has("x") || (has("X") && (isFolder || (before & 0o111) !== 0));
  const three = (has("r") ? 4 : 0) | (has("w") ? 2 : 0) | (execute ? 1 : 0);
  let bits = has("t") ? 0o1000 : 0;
  let all = 0;
  for (const person of people) {
    const { shift, special } = whose[person] ?? { shift: 0, special: 0 };
    bits |= (three << shift) | (has("s") ? special : 0);
    all |= (7 << shift) | special;
  }
  return { bits, all: all | (people === "ugo" ? 0o1000 : 0) };
}

function operated(mode: number, sign: string, { bits, all }: Masks): number {
  if (sign === "+") return mode | bits;
  if (sign === "-") return mode & ~bits;
  return (mode & ~all) | bits;
}
