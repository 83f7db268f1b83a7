/**
 * Certificates that sign themselves, and requests for others to sign (RFC 5280, PKCS #10 in RFC 2986). Written in DER by hand:
 * with the same key and wishes the same bytes come out but for serial, dates and signature, so that what is there is compared without a
 * parser, and an agent that only looks does not pay the 17 MB of `@peculiar/x509`. Must not know files.
 */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { addressBytes } from "../text/ip-network.ts";
import { bits, der, integer, moment, octets, oid, sequence, setOf, truth, utf8 } from "./der.ts";

export interface CertificateWish {
  readonly commonName: string;
  readonly organization: string | undefined;
  /** Host names and addresses. */
  readonly names: readonly string[];
  readonly isCa: boolean;
}

const day = 86_400_000;

/** In PEM, good from `from` on. */
export function selfSigned(
  key: KeyObject,
  wish: CertificateWish,
  { from, days }: { readonly from: Date; readonly days: number },
): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  const name = nameOf(wish);
  const body = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    algorithmOf(key),
    name,
    sequence(moment(from), moment(new Date(from.getTime() + days * day))),
    name,
    spkiOf(key),
    der(0xa3, extensions(key, wish, true)),
  );
  return pem("CERTIFICATE", signed(body, key));
}

export const certificateRequest = (key: KeyObject, wish: CertificateWish): string =>
  pem("CERTIFICATE REQUEST", signed(requestInfo(key, wish), key));

/** Is this certificate (DER) for these names, this key and this use? */
export const isAsWished = (certificate: Uint8Array, key: KeyObject, wish: CertificateWish) =>
  [nameOf(wish), spkiOf(key), extensions(key, wish, true)].every((part) =>
    Buffer.from(certificate).includes(part),
  );

/** Is this PEM text the request for these names with this key? */
export function isRequestFor(text: string, key: KeyObject, wish: CertificateWish): boolean {
  const [, body] =
    /^-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----\s*$/.exec(
      text,
    ) ?? [];
  return body !== undefined && Buffer.from(body, "base64").includes(requestInfo(key, wish));
}

const requestInfo = (key: KeyObject, wish: CertificateWish) =>
  sequence(
    integer(Uint8Array.of(0)),
    nameOf(wish),
    spkiOf(key),
    der(0xa0, sequence(oid("1.2.840.113549.1.9.14"), setOf(extensions(key, wish, false)))),
  );

function nameOf({ commonName, organization }: CertificateWish): Uint8Array {
  const part = (type: string, text: string) => setOf(sequence(oid(type), utf8(text)));
  return sequence(
    ...(organization === undefined ? [] : [part("2.5.4.10", organization)]),
    part("2.5.4.3", commonName),
  );
}

const usage = { digitalSignature: 0x80, keyEncipherment: 0x20, keyCertSign: 0x04, crlSign: 0x02 };

function extensions(key: KeyObject, wish: CertificateWish, isIssued: boolean): Uint8Array {
  const isRsa = key.asymmetricKeyType === "rsa";
  const uses = wish.isCa
    ? usage.keyCertSign | usage.crlSign
    : usage.digitalSignature | (isRsa ? usage.keyEncipherment : 0);
  const unused = Math.log2(uses & -uses);
  const serverAndClient = sequence(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"));
  return sequence(
    extension("2.5.29.19", sequence(...(wish.isCa ? [truth] : [])), true),
    extension("2.5.29.15", bits(Uint8Array.of(uses), unused), true),
    ...(wish.isCa ? [] : [extension("2.5.29.37", serverAndClient)]),
    ...(wish.names.length === 0
      ? []
      : [extension("2.5.29.17", sequence(...wish.names.map(alternative)))]),
    ...(isIssued ? [extension("2.5.29.14", octets(keyIdOf(key)))] : []),
  );
}

const extension = (id: string, value: Uint8Array, isCritical = false) =>
  sequence(oid(id), ...(isCritical ? [truth] : []), octets(value));

const alternative = (name: string) =>
  isIP(name) === 0
    ? der(0x82, new TextEncoder().encode(name))
    : der(0x87, Uint8Array.from(addressBytes(name)));

const spkiOf = (key: KeyObject): Uint8Array =>
  createPublicKey(key).export({ format: "der", type: "spki" });

/** As RFC 5280 §4.2.1.2 (1) has it; the key's bits are the end of its SPKI, behind the algorithm. */
function keyIdOf(key: KeyObject): Uint8Array {
  const spki = spkiOf(key);
  const inner = spki.subarray(spki[1] !== undefined && spki[1] >= 0x80 ? 2 + (spki[1] & 0x7f) : 2);
  const bitString = inner.subarray(2 + (inner[1] ?? 0));
  const header = (bitString[1] ?? 0) >= 0x80 ? 2 + ((bitString[1] ?? 0) & 0x7f) : 2;
  return createHash("sha1")
    .update(bitString.subarray(header + 1))
    .digest();
}

/** RFC 5758, 8017 and 8410. */
function algorithmOf(key: KeyObject): Uint8Array {
  if (key.asymmetricKeyType === "ed25519") return sequence(oid("1.3.101.112"));
  if (key.asymmetricKeyType === "rsa") return sequence(oid("1.2.840.113549.1.1.11"), der(0x05));
  return sequence(oid(isP384(key) ? "1.2.840.10045.4.3.3" : "1.2.840.10045.4.3.2"));
}

const isP384 = (key: KeyObject) => key.asymmetricKeyDetails?.namedCurve === "secp384r1";

function signed(body: Uint8Array, key: KeyObject): Uint8Array {
  const hash = isP384(key) ? "sha384" : "sha256";
  const signature = sign(key.asymmetricKeyType === "ed25519" ? null : hash, body, key);
  return sequence(body, algorithmOf(key), bits(signature));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
