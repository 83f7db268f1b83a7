/** A new client certificate when two thirds of the old one's life are over. Must not know when it is asked. */
import { VigoError } from "../../core/errors.ts";
import { certificateFacts, renewalDueAt } from "../../core/pki/certificate.ts";
import { sign, signingKey } from "../../core/pki/keys.ts";
import { renewalMessage } from "../../core/wire/service.ts";
import { type Identity, writeCertificate } from "./identity.ts";
import type { Link } from "./link.ts";

export const isRenewalDue = ({ certificate }: Identity, now: Date): boolean =>
  renewalDueAt(certificateFacts(certificate)) <= now.getTime();

export const hasEnded = ({ certificate }: Identity, now: Date): boolean =>
  certificateFacts(certificate).expiresAt <= now.getTime();

/** The identity with its new certificate, which is on disk. */
export async function renew(home: string, identity: Identity, link: Link): Promise<Identity> {
  const { newCertificateRequest } = await import("../../core/pki/csr.ts");
  const { csr, key } = await newCertificateRequest(identity.about.hostname);
  const csrSignature = sign(renewalMessage(csr), signingKey(identity.seed));
  const chain = await link.renewCertificate({ csr, csrSignature });
  const certificate = chain.map(toPem).join("");
  if (chain.length === 0 || !certificateFacts(certificate).belongsTo(key))
    throw new VigoError("failed", "the server gave a certificate for another key");
  await writeCertificate(home, certificate, key);
  return { ...identity, certificate, key };
}

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
