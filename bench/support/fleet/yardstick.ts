/** How fast this machine is just now: the same program costs half as much again on a host whose neighbours are busy. Must not know any fleet. */
import { newKeyPair, sign, signingKey, verify, verifyKey } from "../../../src/core/pki/keys.ts";

const rounds = 5_000;

/** Microseconds of processor time for one ed25519 verification, of which each check-in has one. */
export function verificationMicros(): number {
  const pair = newKeyPair();
  const key = verifyKey(pair.publicKey);
  const message = new Uint8Array(300);
  const signature = sign(message, signingKey(pair.seed));
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) verify(message, signature, key);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}
