/** What a certificate says, read with the runtime's own parser. Must not know who issued it; makes none. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { VigoError } from "../errors.ts";
import { sha256, sha256Hex } from "./keys.ts";

export interface CertificateFacts {
  /** sha256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** sha256 of the SPKI in base64, as `curl --pinnedpubkey sha256//…` takes it. */
  readonly publicKeyPin: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Hostnames and addresses it holds for, as they are written in it. */
  readonly names: readonly string[];
  readonly isCa: boolean;
  /** Does it hold for this hostname or address? */
  covers(name: string): boolean;
  /** Is this its private key (PEM)? What is no key at all is not. */
  belongsTo(key: string): boolean;
  /** Was it signed by that certificate's key (PEM)? */
  issuedBy(ca: string): boolean;
}

/** Of a PEM text or DER bytes. Throws `invalid` for anything else. */
export function certificateFacts(encoded: string | Uint8Array): CertificateFacts {
  const certificate = parse(encoded);
  const spki = certificate.publicKey.export({ format: "der", type: "spki" });
  return {
    fingerprint: sha256Hex(certificate.raw),
    publicKeyPin: Buffer.from(sha256(spki)).toString("base64"),
    issuedAt: Date.parse(certificate.validFrom),
    expiresAt: Date.parse(certificate.validTo),
    names: [...(certificate.subjectAltName ?? "").matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(
      ([, name = ""]) => name,
    ),
    isCa: certificate.ca,
    covers: (name) =>
      (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
    belongsTo: (key) => {
      const opened = privateKeyIn(key);
      return opened !== undefined && certificate.checkPrivateKey(opened);
    },
    issuedBy: (ca) => {
      const issuer = parse(ca);
      return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    },
  };
}

export function isCertificate(pem: string): boolean {
  try {
    return parse(pem).raw.length > 0;
  } catch (error) {
    if (error instanceof VigoError) return false;
    throw error;
  }
}

/** Undefined for a text that is no private key in PEM. */
export function privateKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** Renew from here on: a third of its life is left. */
export const renewalDueAt = ({ issuedAt, expiresAt }: CertificateFacts): number =>
  issuedAt + ((expiresAt - issuedAt) * 2) / 3;

function parse(encoded: string | Uint8Array): X509Certificate {
  try {
    return new X509Certificate(encoded);
  } catch (cause) {
    throw new VigoError("invalid", "not an X.509 certificate", { cause });
  }
}
