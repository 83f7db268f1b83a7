/** The signed envelope of every request (docs/design/semantics.md §5). Must not know transports, clocks or stores. */
import { create } from "@bufbuild/protobuf";
import { type SigningKey, sha256, sign, type VerifyKey, verify } from "../pki/keys.ts";
import { type Signed, SignedSchema } from "./gen/vigo/v1/agent_pb.ts";

export interface Envelope {
  /** As on the wire: `/vigo.v1.AgentService/CheckIn`. */
  readonly method: string;
  /** Whom it is meant for, so that one server's request is worth nothing at another. */
  readonly serverId: string;
  readonly envoyId: string;
  readonly timestampMs: bigint;
  readonly sequence: bigint;
  readonly payload: Uint8Array;
}

const encoder = new TextEncoder();
const domain = encoder.encode("vigo.v1.request\0");

/** The bytes that are signed. Server and envoy ids are UUIDs of fixed length, so nothing can shift between fields. */
export function envelopeBytes(envelope: Envelope): Uint8Array {
  const text = encoder.encode(`${envelope.method}\0${envelope.serverId}${envelope.envoyId}`);
  const bytes = new Uint8Array(domain.length + text.length + 48);
  bytes.set(domain, 0);
  bytes.set(text, domain.length);
  const numbers = new DataView(bytes.buffer, domain.length + text.length);
  numbers.setBigInt64(0, envelope.timestampMs);
  numbers.setBigUint64(8, envelope.sequence);
  bytes.set(sha256(envelope.payload), bytes.length - 32);
  return bytes;
}

export const signEnvelope = (envelope: Envelope, key: SigningKey): Signed =>
  create(SignedSchema, {
    payload: envelope.payload,
    envoyId: envelope.envoyId,
    timestampMs: envelope.timestampMs,
    sequence: envelope.sequence,
    signature: sign(envelopeBytes(envelope), key),
  });

export const verifyEnvelope = (
  signed: Signed,
  method: string,
  serverId: string,
  key: VerifyKey,
): boolean => verify(envelopeBytes({ ...signed, method, serverId }), signed.signature, key);
