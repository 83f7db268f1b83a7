/**
 * Time-based one-time passwords (RFC 6238 over RFC 4226), as authenticator apps show them: SHA-1, six digits, half a minute
 * each. Must not know whose they are, nor what the time is.
 */
import { createHmac } from "node:crypto";

export const stepMs = 30_000;
const digits = 6;

export const stepAt = (now: number): number => Math.floor(now / stepMs);

/** Other hashes and lengths are there for the RFC's vectors. */
export function codeAt(
  secret: Uint8Array,
  step: number,
  { hash = "sha1", length = digits }: { readonly hash?: string; readonly length?: number } = {},
): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(hash, secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** length;
  return String(number).padStart(length, "0");
}

/** The step whose code it is: this one, or a neighbour for clocks that differ, but none up to `last`. */
export function stepOf(
  secret: Uint8Array,
  code: string,
  now: number,
  last: number,
): number | undefined {
  const step = stepAt(now);
  return [step, step - 1, step + 1].find((one) => one > last && codeAt(secret, one) === code);
}

/** What apps read from a QR code (the Key Uri Format). */
export const keyUri = (issuer: string, name: string, secret: string): string =>
  `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(name)}?${new URLSearchParams({ secret, issuer })}`;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 without padding. */
export function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}

/** Of what `toBase32` gave. */
export function fromBase32(text: string): Uint8Array {
  const bits = [...text]
    .map((char) => alphabet.indexOf(char).toString(2).padStart(5, "0"))
    .join("");
  const bytes = bits.match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
}
