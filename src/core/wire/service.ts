/** What both ends of the wire agree on beside its messages. Must not know transports. */

/** The fixed name in every server certificate that agents verify, so that addresses may change (semantics §5). */
export const serverName = "server.vigo.internal";

/** Of one message, both ways; a body above this must move its contents to blobs. */
export const maxMessageBytes = 4 * 1024 * 1024;

/** Full method names, as they are signed and as gRPC paths. */
export const methods = {
  checkIn: "/vigo.v1.AgentService/CheckIn",
  resolveSecrets: "/vigo.v1.AgentService/ResolveSecrets",
  reportRuns: "/vigo.v1.AgentService/ReportRuns",
  renewCertificate: "/vigo.v1.AgentService/RenewCertificate",
  stream: "/vigo.v1.AgentService/Stream",
} as const;

/** So often an agent says over an open stream that it is there. */
export const beatMs = 60_000;

/** What stands for the method where an agent without a valid certificate asks over REST; the payload is the request's DER. */
export const renewalMethod = "POST /api/v1/renew";

/** Trailing metadata of a refusal. */
export const metadata = {
  /** A `RefusalReason`. */
  reason: "vigo-reason",
  /** The server's clock, milliseconds since 1970; with `clock_skew`. */
  serverTime: "vigo-server-time",
  /** The highest sequence the server has accepted of this envoy; with `replayed`. */
  sequence: "vigo-sequence",
} as const;

/** Why a request is refused, in the order of the checks; also the labels of the metrics. */
export const refusalReasons = [
  "size",
  "envoy_not_found",
  "revoked",
  "wrong_envoy",
  "clock_skew",
  "bad_signature",
  "replayed",
  "cloned",
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** What an agent signs with its key to prove that a new certificate request is its own: a domain, then the DER. */
export function renewalMessage(csr: Uint8Array): Uint8Array {
  const domain = new TextEncoder().encode("vigo.v1.renew\0");
  const message = new Uint8Array(domain.length + csr.length);
  message.set(domain);
  message.set(csr, domain.length);
  return message;
}
