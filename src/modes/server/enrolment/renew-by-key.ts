/**
 * A certificate for an envoy that has none any more, because it was away for too long: its signing key, which is on record
 * since it enrolled, is what it proves itself with (docs/design/semantics.md §5). Must not know HTTP.
 */
import { create } from "@bufbuild/protobuf";
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import type { renewClient } from "../../../core/api/renew.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { type Signed, SignedSchema } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { metadata, renewalMethod } from "../../../core/wire/service.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Gate } from "../grpc/gate.ts";
import type { GrpcServer } from "../grpc/server.ts";
import { Refusal } from "../grpc/refusal.ts";
import type { Limiter } from "../http/limiter.ts";
import type { RenewClient } from "./client-renewal.ts";

export interface RenewalDeps {
  readonly gate: Gate;
  readonly renewal: RenewClient;
  readonly grpc: Pick<GrpcServer, "metrics">;
  readonly limiter: Limiter;
  readonly log: Log;
}

type Request = Received<typeof renewClient>["body"];

/** Nothing is issued, and no number is taken, before the signature is known to be right. */
export async function renewByKey(
  deps: RenewalDeps,
  request: Request,
  address: string,
): Promise<Answer<typeof renewClient>> {
  const { limiter, log, renewal } = deps;
  limiter.take(address);
  const signed = signedOf(request);
  const envoy = admitted(deps, signed, address);
  const { pem, trusted } = await renewal(envoy, signed.payload);
  const { id, hostname } = envoy.row;
  log.info("certificate renewed after its end", { envoy_id: id, hostname, address });
  return { certificate: pem, ca: trusted };
}

const signedOf = ({ envoy_id, timestamp_ms, sequence, csr, signature }: Request): Signed =>
  create(SignedSchema, {
    payload: bytes(csr),
    envoyId: envoy_id.toLowerCase(),
    timestampMs: BigInt(timestamp_ms),
    sequence: numberOf(sequence),
    signature: bytes(signature),
  });

/** It is signed as 64 bits. */
function numberOf(written: string): bigint {
  const number = BigInt(written);
  if (number < 1n << 64n) return number;
  throw new VigoError("invalid", "body: sequence: has to fit into 64 bits");
}

/** REST has no trailing metadata: what a refusal has beside its words goes into the hint. */
function admitted({ gate, grpc, log }: RenewalDeps, signed: Signed, address: string): Envoy {
  try {
    return gate.admitByKey(signed, renewalMethod, address);
  } catch (caught) {
    if (!(caught instanceof Refusal)) throw caught;
    grpc.metrics.refused.add(caught.reason);
    log.warn("renewal refused", {
      envoy_id: signed.envoyId.slice(0, 64),
      address,
      reason: caught.reason,
    });
    const { failure, message, reason } = caught;
    if (reason !== "clock_skew") throw caught;
    const here = new Date(Number(caught.metadata[metadata.serverTime])).toISOString();
    throw new VigoError(failure, message, {
      hint: `the server's clock says ${here}`,
      cause: caught,
    });
  }
}

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
