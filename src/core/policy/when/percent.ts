/**
 * `in_percent`: a stable part of the fleet (semantics §3). Server and agent must agree on it for ever; the vectors in
 * `tests/vectors/in-percent.json` pin it. Must not know conditions.
 */
import { sha256 } from "../../pki/keys.ts";

/**
 * u64(sha256("vigo/percent\0" + salt + "\0" + envoy id), first 8 bytes, big-endian) / 2^64 < percent / 100, in exact
 * arithmetic. `percent` is any finite number; who is inside 5 is inside 10.
 */
export function inPercent(percent: number, salt: string, envoyId: string): boolean {
  const hash = sha256(`vigo/percent\0${salt}\0${envoyId}`);
  const place = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0);
  const [whole, shift] = dyadic(percent);
  return (place * 100n) << shift < whole << 64n;
}

/** A double is a whole number divided by a power of two. */
function dyadic(number: number): readonly [whole: bigint, shift: bigint] {
  let shift = 0n;
  let whole = number;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    shift++;
  }
  return [BigInt(whole), shift];
}
