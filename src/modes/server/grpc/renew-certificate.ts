/**
 * RenewCertificate: a new client certificate before the old one ends, for whoever holds the key on record. Must not know
 * transports, nor how certificates are made.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { VigoError } from "../../../core/errors.ts";
import { certificatesIn } from "../../../core/pki/pem.ts";
import { verify } from "../../../core/pki/keys.ts";
import {
  CertificateRequestSchema,
  type RenewCertificateResponseSchema,
  type Signed,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { methods, renewalMessage } from "../../../core/wire/service.ts";
import type { RenewClient } from "../enrolment/client-renewal.ts";
import type { Gate, Peer } from "./gate.ts";
import { readPayload } from "./payload.ts";

export interface RenewOptions {
  readonly gate: Gate;
  /** Issues, and keeps: afterwards store and fleet know the new certificate. */
  readonly renew: RenewClient;
}

export async function renewCertificate(
  { gate, renew }: RenewOptions,
  signed: Signed | undefined,
  peer: Peer,
): Promise<MessageInitShape<typeof RenewCertificateResponseSchema>> {
  const envoy = gate.admit(signed, methods.renewCertificate, peer);
  const { csr, csrSignature } = readPayload(CertificateRequestSchema, (signed as Signed).payload);
  if (!verify(renewalMessage(csr), csrSignature, envoy.key))
    throw new VigoError("denied", "the request is not signed with this envoy's key");
  const { der, trusted } = await renew(envoy, csr);
  return { chain: [der], authorities: [...certificatesIn(trusted)] };
}
