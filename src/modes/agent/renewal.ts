/** A new client certificate when two thirds of the old one's life are over. Must not know when it is asked. */
import { VigoError } from "../../core/errors.ts";
import { certificateFacts, renewalDueAt } from "../../core/pki/certificate.ts";
import { toPem } from "../../core/pki/pem.ts";
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
  const { chain, authorities } = await link.renewCertificate({ csr, csrSignature });
  const certificate = chain.map(toPem).join("");
  if (chain.length === 0 || !certificateFacts(certificate).belongsTo(key))
    throw new VigoError("failed", "the server gave a certificate for another key");
  // An older server does not say: then what was trusted goes on being so.
  const ca = authorities.length === 0 ? identity.ca : authorities.map(toPem).join("");
  await writeCertificate(home, { certificate, key, ca });
  return { ...identity, certificate, key, ca };
}
