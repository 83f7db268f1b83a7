/**
 * RenewCertificate: a new client certificate before the old one ends, for whoever holds the key on record. Must not know
 * transports, nor how certificates are made.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { VigoError } from "../../../core/errors.ts";
import { verify } from "../../../core/pki/keys.ts";
import {
  CertificateRequestSchema,
  type RenewCertificateResponseSchema,
  type Signed,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { methods, renewalMessage } from "../../../core/wire/service.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Gate, Peer } from "./gate.ts";
import { readPayload } from "./payload.ts";

/** Issues, and keeps: afterwards store and fleet know the new certificate. The chain is DER, the client's first. */
export type Renew = (envoy: Envoy, csr: Uint8Array) => Promise<readonly Uint8Array[]>;

export interface RenewOptions {
  readonly gate: Gate;
  readonly fleet: Fleet;
  readonly renew: Renew;
}

/** A certificate costs the server more than a hundred check-ins. */
const pauseMs = 60_000;

export async function renewCertificate(
  { gate, fleet, renew }: RenewOptions,
  signed: Signed | undefined,
  peer: Peer,
): Promise<MessageInitShape<typeof RenewCertificateResponseSchema>> {
  const envoy = gate.admit(signed, methods.renewCertificate, peer);
  const { csr, csrSignature } = readPayload(CertificateRequestSchema, (signed as Signed).payload);
  if (!verify(renewalMessage(csr), csrSignature, envoy.key))
    throw new VigoError("denied", "the request is not signed with this envoy's key");
  const now = fleet.now();
  if (now - envoy.renewedAt < pauseMs)
    throw new VigoError("limited", "the certificate was renewed a moment ago");
  envoy.renewedAt = now;
  return { chain: [...(await renew(envoy, csr))] };
}
