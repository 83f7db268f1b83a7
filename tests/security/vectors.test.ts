/**
 * Every signature and cipher that strangers' bytes reach, on published vectors: how the server checks what a certificate request was
 * signed with, who issued a certificate, a provider's tokens, signed messages, secrets at rest and webhooks.
 */
import { describe, expect, test } from "bun:test";
import { createHmac, createPublicKey, verify as nodeVerify } from "node:crypto";
import { isSignedByItself } from "../../src/core/pki/ca.ts";
import { loadX509 } from "../../src/core/pki/x509.ts";
import { sign, signingKey, verify, verifyKey } from "../../src/core/pki/keys.ts";
import { isBy } from "../../src/modes/server/auth/oidc/id-token.ts";
import { decrypt, encrypt } from "../../src/modes/server/secrets/cipher.ts";
import { certificateRequest } from "../support/certificate-request.ts";
import aesGcm from "../vectors/wycheproof/aes_gcm_test.json" with { type: "json" };
import ecdsa from "../vectors/wycheproof/ecdsa_secp256r1_sha256_test.json" with { type: "json" };
import ed25519 from "../vectors/wycheproof/ed25519_test.json" with { type: "json" };
import hmac from "../vectors/wycheproof/hmac_sha256_test.json" with { type: "json" };
import rfc8032 from "../vectors/rfc8032/ed25519.json" with { type: "json" };

const unhex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

/** What each vector says, and what we made of it, where the two differ. */
const differing = <T extends { readonly tcId: number; readonly comment: string }>(
  all: readonly (readonly [vector: T, wanted: boolean, got: boolean])[],
) => {
  expect(all.length).toBeGreaterThan(60);
  expect(all.some(([, wanted]) => wanted) && all.some(([, wanted]) => !wanted)).toBe(true);
  return all.flatMap(([{ tcId, comment }, wanted, got]) =>
    wanted === got ? [] : [`${tcId} ${comment}: ${got}`],
  );
};

describe("Ed25519, as messages, bundles, audit heads and downloads are signed", () => {
  test("Wycheproof", () => {
    const all = ed25519.testGroups.flatMap(({ publicKey: { pk }, tests }) =>
      tests.map((one) => {
        const got = verify(unhex(one.msg), unhex(one.sig), verifyKey(unhex(pk)));
        return [one, one.result === "valid", got] as const;
      }),
    );
    expect(differing(all)).toEqual([]);
  });

  test("RFC 8032", () => {
    for (const { priv, msg, sig } of rfc8032)
      expect(Buffer.from(sign(unhex(msg), signingKey(unhex(priv)))).toString("hex")).toBe(sig);
  });

  test("as a provider signs with it", () => {
    const all = ed25519.testGroups.flatMap(({ publicKey: { pk }, tests }) => {
      const key = { kty: "OKP", crv: "Ed25519", x: Buffer.from(unhex(pk)).toString("base64url") };
      return tests.map((one) => {
        const got = isBy(key, "EdDSA", Buffer.from(one.msg, "hex"), Buffer.from(one.sig, "hex"));
        return [one, one.result === "valid", got] as const;
      });
    });
    expect(differing(all)).toEqual([]);
  });
});

const ecdsaCases = ecdsa.testGroups.flatMap(({ publicKeyPem: pem, tests }) =>
  tests.map((one) => ({ ...one, pem })),
);

describe("ECDSA P-256", () => {
  test("as certificates are checked", () => {
    const all = ecdsaCases.map((one) => {
      const got = nodeVerify("sha256", unhex(one.msg), one.pem, unhex(one.sig));
      return [one, one.result === "valid", got] as const;
    });
    expect(differing(all)).toEqual([]);
  });

  test("as certificate requests of newcomers are", async () => {
    const x509 = await loadX509();
    const { request } = await certificateRequest("CN=vector");
    const all = [];
    for (const one of ecdsaCases) {
      const asked = new x509.Pkcs10CertificateRequest(Buffer.from(request));
      // The library checks these three against one another, whatever the bytes around them are.
      Object.defineProperties(asked, {
        tbs: { value: unhex(one.msg).buffer },
        signature: { value: unhex(one.sig).buffer },
        publicKey: { value: new x509.PublicKey(one.pem) },
      });
      const got = await isSignedByItself(asked).catch(() => false);
      all.push([one, one.result === "valid", got] as const);
    }
    expect(differing(all)).toEqual([]);
  });

  test("as a provider signs tokens", () => {
    const all = ecdsaCases.flatMap((one) => {
      const raw = rawSignature(unhex(one.sig));
      if (raw === undefined) return [];
      const jwk = createPublicKey(one.pem).export({ format: "jwk" });
      const key = { ...jwk, kty: "EC" };
      const got = isBy(key, "ES256", Buffer.from(one.msg, "hex"), raw);
      return [[one, one.result === "valid", got] as const];
    });
    expect(differing(all)).toEqual([]);
  });
});

/** r and s of 32 bytes each, as JWS has them; undefined for what is not DER, or does not fit. */
function rawSignature(der: Uint8Array): Buffer | undefined {
  const hex = Buffer.from(der).toString("hex");
  const found = /^30(..)02(..)(.*)$/.exec(hex);
  if (found === null || Number.parseInt(found[1] ?? "", 16) !== der.length - 2) return undefined;
  const length = 2 * Number.parseInt(found[2] ?? "", 16);
  const [r, rest] = [found[3]?.slice(0, length) ?? "", found[3]?.slice(length) ?? ""];
  const second = /^02(..)(.*)$/.exec(rest);
  if (second === null || 2 * Number.parseInt(second[1] ?? "", 16) !== second[2]?.length)
    return undefined;
  const fixed = [r, second[2] ?? ""].map((one) => one.replace(/^(?:00)+/, "").padStart(64, "0"));
  const isPositive = [r, second[2] ?? ""].every(
    (one) => /^[0-7]/.test(one) && !/^00[0-7]/.test(one),
  );
  if (!isPositive || fixed.some((one) => one.length !== 64)) return undefined;
  return Buffer.from(fixed.join(""), "hex");
}

test("AES-256-GCM, as secrets are kept: each is opened or refused as it must be, and sealed alike", () => {
  const ours = aesGcm.testGroups.filter(
    ({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128,
  );
  const all = ours.flatMap(({ tests }) =>
    tests.map((one) => {
      const [key, aad] = [unhex(one.key), unhex(one.aad)];
      const sealed = { nonce: unhex(one.iv), ciphertext: unhex(one.ct), tag: unhex(one.tag) };
      const plain = decrypt(key, sealed, aad);
      if (one.result === "valid") {
        expect(Buffer.from(plain ?? []).toString("hex")).toBe(one.msg);
        const { ciphertext, tag } = encrypt(key, unhex(one.msg), aad, unhex(one.iv));
        expect([ciphertext, tag].map((part) => Buffer.from(part).toString("hex"))).toEqual([
          one.ct,
          one.tag,
        ]);
      }
      return [one, one.result === "valid", plain !== undefined] as const;
    }),
  );
  expect(differing(all)).toEqual([]);
});

test("AES-GCM of other sizes of nonce or tag is refused whatever it says", () => {
  const others = aesGcm.testGroups.filter(
    ({ keySize, ivSize, tagSize }) => keySize === 256 && (ivSize !== 96 || tagSize !== 128),
  );
  expect(others.length).toBeGreaterThan(0);
  for (const { tests } of others)
    for (const { key, aad, iv, ct, tag } of tests) {
      const sealed = { nonce: unhex(iv), ciphertext: unhex(ct), tag: unhex(tag) };
      expect(decrypt(unhex(key), sealed, unhex(aad))).toBeUndefined();
    }
});

test("HMAC-SHA256, as webhooks are signed", () => {
  for (const { tagSize, tests } of hmac.testGroups)
    for (const { key, msg, tag, result } of tests) {
      const made = createHmac("sha256", unhex(key)).update(unhex(msg)).digest("hex");
      expect(made.slice(0, tagSize / 4) === tag).toBe(result === "valid");
    }
});
