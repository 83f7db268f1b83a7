import { describe, expect, test } from "bun:test";
import * as noble from "@noble/ed25519";
import fc from "fast-check";
import {
  keyId,
  newKeyPair,
  publicKeyOf,
  sha256Hex,
  sign,
  signingKey,
  verify,
  verifyKey,
} from "../../../src/core/pki/keys.ts";
import wycheproof from "../../vectors/wycheproof/ed25519_test.json" with { type: "json" };
import rfc8032 from "../../vectors/rfc8032/ed25519.json" with { type: "json" };

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const print = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("RFC 8032 §7.1: keys and signatures are the published ones", () => {
  expect(rfc8032.length).toBeGreaterThan(3);
  for (const { priv, pub, msg, sig } of rfc8032) {
    expect(print(publicKeyOf(hex(priv)))).toBe(pub);
    expect(print(sign(hex(msg), signingKey(hex(priv))))).toBe(sig);
    expect(verify(hex(msg), hex(sig), verifyKey(hex(pub)))).toBe(true);
  }
});

describe("Wycheproof", () => {
  const cases = wycheproof.testGroups.flatMap(({ publicKey, tests }) =>
    tests.map((one) => [`${one.tcId} ${one.comment}`, publicKey.pk, one] as const),
  );

  test.each(cases)("%s", (_, key, { msg, sig, result }) => {
    expect(verify(hex(msg), hex(sig), verifyKey(hex(key)))).toBe(result === "valid");
  });
});

test("native and noble sign alike, and each takes the other's signature", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 300 }),
      async (seed, message) => {
        const publicKey = publicKeyOf(seed);
        expect(print(await noble.getPublicKeyAsync(seed))).toBe(print(publicKey));
        const native = sign(message, signingKey(seed));
        expect(print(await noble.signAsync(message, seed))).toBe(print(native));
        expect(await noble.verifyAsync(native, message, publicKey)).toBe(true);
      },
    ),
    { numRuns: 25 },
  );
});

test("one bit of the message or the signature off is no signature", () => {
  const { seed, publicKey } = newKeyPair();
  const message = new TextEncoder().encode("declared once");
  const signature = sign(message, signingKey(seed));
  const key = verifyKey(publicKey);
  fc.assert(
    fc.property(fc.nat({ max: 64 * 8 - 1 }), (bit) => {
      const bent = signature.slice();
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verify(message, bent, key)).toBe(false);
    }),
  );
  expect(verify(message.slice(1), signature, key)).toBe(false);
  expect(verify(message, signature.slice(1), key)).toBe(false);
});

test("a key is named by its own digest, and has 32 bytes", () => {
  const { publicKey } = newKeyPair();
  expect(keyId(publicKey)).toBe(sha256Hex(publicKey).slice(0, 16));
  expect(() => verifyKey(publicKey.slice(1))).toThrow("32 bytes");
  expect(() => signingKey(publicKey.slice(1))).toThrow("32 bytes");
});
