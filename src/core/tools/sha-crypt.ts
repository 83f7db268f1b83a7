/**
 * Password hashes `$5$` and `$6$` as crypt(5) has them, by Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" (2007, version
 * 0.6). Here and not through a tool, because a minimal system has none that makes them. Must not know whose they are.
 */
import { createHash, randomBytes } from "node:crypto";

const kinds = {
  "5": { name: "sha256", bytes: 32, turns: [0, 10, 20], last: [31, 30] },
  "6": { name: "sha512", bytes: 64, turns: [0, 21, 42], last: [63] },
} as const;

const letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const form = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$]*)/;
const usualRounds = 5000;
/** Two seconds; nobody logs in that slowly. */
const mostRounds = 1_000_000;

/** A new hash with a salt of its own. */
export const newHash = (password: string): string => {
  const salt = [...randomBytes(16)].map((byte) => letters[byte & 63]).join("");
  return shaCrypt(password, `$6$${salt}$`) ?? "";
};

/** The hash of a password with the salt and rounds of `setting`; undefined where that is of another kind, or too slow. */
export function shaCrypt(password: string, setting: string): string | undefined {
  const [, id, written, salt = ""] = form.exec(setting) ?? [];
  if (id !== "5" && id !== "6") return undefined;
  const kind = kinds[id];
  const rounds = Math.max(1000, Number(written ?? usualRounds));
  if (rounds > mostRounds) return undefined;
  const used = Buffer.from(salt.slice(0, 16));
  const digest = rounded(kind, Buffer.from(password), used, rounds);
  const prefix = written === undefined ? "" : `rounds=${rounds}$`;
  return `$${id}$${prefix}${used.toString()}$${spelled(kind, digest)}`;
}

type Kind = (typeof kinds)[keyof typeof kinds];

function rounded(kind: Kind, password: Buffer, salt: Buffer, rounds: number): Buffer {
  const hash = (...parts: readonly Buffer[]) => {
    const made = createHash(kind.name);
    for (const part of parts) made.update(part);
    return made.digest();
  };
  const first = initial(kind, password, salt, hash);
  const p = stretched(
    hash(...Array.from({ length: password.length }, () => password)),
    password.length,
  );
  const salts = 16 + (first[0] ?? 0);
  const s = stretched(hash(...Array.from({ length: salts }, () => salt)), salt.length);
  let digest = first;
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    const parts = [odd ? p : digest];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(odd ? digest : p);
    digest = hash(...parts);
  }
  return digest;
}

/** Steps 1 to 12: the password's length decides bit by bit what goes in. */
function initial(
  kind: Kind,
  password: Buffer,
  salt: Buffer,
  hash: (...parts: readonly Buffer[]) => Buffer,
): Buffer {
  const b = hash(password, salt, password);
  const parts = [password, salt, stretched(b, password.length)];
  for (let length = password.length; length > 0; length >>= 1)
    parts.push(length % 2 === 1 ? b.subarray(0, kind.bytes) : password);
  return hash(...parts);
}

/** Repeated and cut to a length. */
const stretched = (digest: Buffer, length: number): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(length / digest.length) }, () => digest),
    length,
  );

/** Three bytes a time in four letters, in an order that moves round by round. */
function spelled({ bytes, turns, last }: Kind, digest: Buffer): string {
  let [a, b, c]: readonly number[] = turns;
  let text = "";
  const byte = (at: number | undefined) => digest[at ?? 0] ?? 0;
  for (let group = 0; group < Math.floor(bytes / 3); group += 1) {
    text += word((byte(a) << 16) | (byte(b) << 8) | byte(c), 4);
    // SHA-256 goes on with the third index first, SHA-512 with the second.
    [a, b, c] = bytes === 32 ? next(c, a, b) : next(b, c, a);
  }
  const [high, low] = last;
  return text + (low === undefined ? word(byte(high), 2) : word((byte(high) << 8) | byte(low), 3));
}

const next = (...at: readonly (number | undefined)[]) => at.map((index) => (index ?? 0) + 1);

function word(value: number, length: number): string {
  return Array.from({ length }, (_, at) => letters[(value >> (6 * at)) & 63]).join("");
}
