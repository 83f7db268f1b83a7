/**
 * The server's own certificate authority (docs/design/semantics.md §5): X.509 (RFC 5280) with ECDSA P-256. Takes and gives
 * PEM texts and DER bytes. Must not know files, nor who asks.
 */
import { createPrivateKey, createPublicKey, KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { VigoError } from "../errors.ts";
import { serverName } from "../wire/service.ts";
import { certificateFacts } from "./certificate.ts";
import { isStrictSignature } from "./ecdsa.ts";
import { loadX509, type X509 } from "./x509.ts";

const day = 86_400_000;
/** Machines whose clock is behind must not refuse what was issued a moment ago. */
const backdated = day;
const lifetimes = { ca: 3_653 * day, server: 365 * day, client: 90 * day } as const;

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A certificate and its private key (PKCS #8), both PEM. */
export interface Keyed {
  readonly certificate: string;
  readonly key: string;
}

export interface Ca {
  readonly certificate: X509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

export interface Issued {
  readonly pem: string;
  readonly der: Uint8Array;
  /** sha256 of the DER, hex. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A new authority of its own, good for ten years. */
export async function newCa(now: Date): Promise<Keyed> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [`Vigo CA ${randomBytes(4).toString("hex")}`] }],
    ...validity(now, lifetimes.ca),
    signingAlgorithm: ecdsa,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await keyPem(keys.privateKey) };
}

/** Rejects with `failed` when the two do not belong together, or are no CA. */
export async function openCa({ certificate, key }: Keyed): Promise<Ca> {
  const { isCa, belongsTo } = certificateFacts(certificate);
  if (!isCa) throw new VigoError("failed", "the CA certificate is not one of a CA");
  if (!belongsTo(key)) throw new VigoError("failed", "the CA key is not the CA certificate's");
  const x509 = await loadX509();
  return { certificate: new x509.X509Certificate(certificate), key: await privateKey(key) };
}

/** A new private key for the server, PEM. Renewals keep it, so that what was pinned stays true. */
export const newServerKey = async (): Promise<string> => keyPem((await newKeys()).privateKey);

/** `names` are hostnames and addresses; the fixed one is always among them. */
export async function issueServer(
  ca: Ca,
  server: { readonly key: string; readonly names: readonly string[] },
  now: Date,
): Promise<Issued> {
  const { ExtendedKeyUsage } = await loadX509();
  const names = [...new Set([serverName, ...server.names])];
  return issue(ca, now, lifetimes.server, {
    commonName: serverName,
    publicKey: publicHalf(server.key),
    usage: ExtendedKeyUsage.serverAuth,
    alternatives: names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
  });
}

/**
 * A client certificate for an envoy, of which the request gives the key and nothing else. Rejects with `invalid` for what is
 * no PKCS #10 request, holds another kind of key than ECDSA P-256, or was not signed by it.
 */
export async function issueClient(
  ca: Ca,
  client: { readonly request: Uint8Array; readonly envoyId: string },
  now: Date,
): Promise<Issued> {
  const { ExtendedKeyUsage } = await loadX509();
  const publicKey = await requestedKey(client.request);
  return issue(ca, now, lifetimes.client, {
    commonName: client.envoyId,
    publicKey,
    usage: ExtendedKeyUsage.clientAuth,
    alternatives: [{ type: "url", value: `vigo:envoy:${client.envoyId}` }],
  });
}

interface Subject {
  readonly commonName: string;
  /** SPKI, DER. */
  readonly publicKey: ArrayBuffer;
  readonly usage: X509.ExtendedKeyUsage;
  readonly alternatives: readonly { readonly type: "dns" | "ip" | "url"; readonly value: string }[];
}

async function issue(ca: Ca, now: Date, lifetime: number, subject: Subject): Promise<Issued> {
  const x509 = await loadX509();
  const publicKey = new x509.PublicKey(subject.publicKey);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [subject.commonName] }],
    issuer: ca.certificate.subjectName,
    ...validity(now, lifetime, ca.certificate.notAfter),
    signingAlgorithm: ecdsa,
    publicKey,
    signingKey: ca.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([subject.usage]),
      new x509.SubjectAlternativeNameExtension([...subject.alternatives]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  const text = pem(certificate);
  const { fingerprint, expiresAt } = certificateFacts(text);
  return { pem: text, der: new Uint8Array(certificate.rawData), fingerprint, expiresAt };
}

async function requestedKey(request: Uint8Array): Promise<ArrayBuffer> {
  const parsed = await parseRequest(request);
  const algorithm: { readonly name: string; readonly namedCurve?: string } =
    parsed.publicKey.algorithm;
  if (algorithm.name !== "ECDSA" || algorithm.namedCurve !== "P-256")
    throw new VigoError("invalid", "the certificate request must hold an ECDSA P-256 key");
  if (!(await isSignedByItself(parsed)))
    throw new VigoError("invalid", "the certificate request was not signed by its own key");
  return parsed.publicKey.rawData;
}

export const isSignedByItself = async (
  request: Pick<X509.Pkcs10CertificateRequest, "signature" | "verify">,
): Promise<boolean> =>
  isStrictSignature(new Uint8Array(request.signature)) && (await request.verify());

async function parseRequest(request: Uint8Array): Promise<X509.Pkcs10CertificateRequest> {
  const x509 = await loadX509();
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(request));
  } catch (cause) {
    // The parser has no error class of its own: whatever it throws, the bytes are to blame.
    throw new VigoError("invalid", "the certificate request is not PKCS #10 in DER", { cause });
  }
}

const newKeys = () => webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);

/** 128 random bits, positive and of full length (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** Nothing outlives its issuer. */
const validity = (now: Date, lifetime: number, end = new Date(8.64e15)) => ({
  notBefore: new Date(now.getTime() - backdated),
  notAfter: new Date(Math.min(now.getTime() + lifetime, end.getTime())),
});

const pem = (certificate: X509.X509Certificate): string => `${certificate.toString("pem")}\n`;

const keyPem = async (key: webcrypto.CryptoKey): Promise<string> =>
  KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();

const privateKey = (key: string) =>
  webcrypto.subtle.importKey(
    "pkcs8",
    createPrivateKey(key).export({ type: "pkcs8", format: "der" }),
    ecdsa,
    true,
    ["sign"],
  );

const publicHalf = (key: string): ArrayBuffer =>
  new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" })).buffer;
