import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { integer, moment, oid } from "../../../src/core/pki/der.ts";
import { keyKinds, kindOf, newPrivateKey, privateKeyOf } from "../../../src/core/pki/key-kind.ts";
import {
  certificateRequest,
  isAsWished,
  isRequestFor,
  selfSigned,
} from "../../../src/core/pki/own-certificate.ts";
import { loadX509 } from "../../../src/core/pki/x509.ts";

const from = new Date("2026-01-02T03:04:05Z");
const wish = {
  commonName: "wéb",
  organization: "Ours",
  names: ["*.example.com", "10.0.0.1", "fd00::1:2"],
  isCa: false,
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe.each(["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048"] as const)("%s", (kind) => {
  test("makes what parsers of others read", async () => {
    const key = createPrivateKey(await newPrivateKey(kind));
    expect(kindOf(key)).toBe(kind);
    const pem = selfSigned(key, wish, { from, days: 30 });
    const read = new X509Certificate(pem);
    expect(read.verify(read.publicKey)).toBe(true);
    expect([read.subject, read.issuer]).toEqual(["O=Ours\nCN=wéb", "O=Ours\nCN=wéb"]);
    expect(read.subjectAltName).toBe(
      "DNS:*.example.com, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:1:2",
    );
    expect([read.validFromDate, read.validToDate]).toEqual([
      from,
      new Date("2026-02-01T03:04:05Z"),
    ]);
    expect(isAsWished(read.raw, key, wish)).toBe(true);
    expect(isAsWished(read.raw, key, { ...wish, isCa: true })).toBe(false);

    const x509 = await loadX509();
    const other = new x509.X509Certificate(pem);
    const keyId = await x509.SubjectKeyIdentifierExtension.create(other.publicKey);
    const found = other.getExtension(x509.SubjectKeyIdentifierExtension);
    expect(found?.keyId).toBe(keyId.keyId);
    const request = certificateRequest(key, wish);
    expect(await new x509.Pkcs10CertificateRequest(request).verify()).toBe(true);
    expect(isRequestFor(request, key, wish)).toBe(true);
    expect(isRequestFor(request, key, { ...wish, names: [] })).toBe(false);
    expect(isRequestFor("hello", key, wish)).toBe(false);
  });
});

test("an authority may sign, and says so", async () => {
  const key = createPrivateKey(await newPrivateKey("ecdsa-p256"));
  const pem = selfSigned(key, { ...wish, isCa: true, names: [] }, { from, days: 20_000 });
  const read = new X509Certificate(pem);
  expect([read.ca, read.validToDate.getUTCFullYear()]).toEqual([true, 2080]);
});

test("keys by their kind", () => {
  expect(keyKinds).toContain("rsa-4096");
  expect(privateKeyOf("hello")).toBeUndefined();
  expect(privateKeyOf("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")).toBe(
    undefined,
  );
});

/** X.690 §8.3 and §8.19, RFC 5280 §4.1.2.5. */
test.each([
  [oid("2.5.29.17"), "0603551d11"],
  [oid("1.2.840.113549.1.1.11"), "06092a864886f70d01010b"],
  [integer(Uint8Array.of(0)), "020100"],
  [integer(Uint8Array.of(0, 0, 0x7f)), "02017f"],
  [integer(Uint8Array.of(0x80)), "02020080"],
  [moment(new Date("2049-12-31T23:59:59Z")), `170d${hex(Buffer.from("491231235959Z"))}`],
  [moment(new Date("2050-01-01T00:00:00Z")), `180f${hex(Buffer.from("20500101000000Z"))}`],
])("DER %#", (bytes, wanted) => expect(hex(bytes)).toBe(wanted));
