/**
 * The way back for a machine that was away until its certificate had ended: the signing key that it enrolled with asks for
 * another one over HTTPS (docs/design/semantics.md §5). Must not know when it is needed.
 */
import { checkServerIdentity, connect } from "node:tls";
import { VigoError } from "../../core/errors.ts";
import { certificateFacts } from "../../core/pki/certificate.ts";
import { newCertificateRequest } from "../../core/pki/csr.ts";
import { sign, signingKey } from "../../core/pki/keys.ts";
import { renewalMethod, serverName } from "../../core/wire/service.ts";
import { envelopeBytes } from "../../core/wire/signed.ts";
import { askToRenew, atOneOf } from "./enrol-client.ts";
import { type Identity, writeCertificate } from "./identity.ts";
import { endOf } from "./addresses.ts";
import type { LinkIdentity } from "./link.ts";
import type { ProxySettings } from "./proxy.ts";
import { tunnelTo } from "./tunnel.ts";

/** The identity with its new certificate, which is on disk. Rejects with what the server, or the network, says. */
export async function renewByKey(
  home: string,
  identity: Identity,
  now: Date,
  proxy?: ProxySettings,
): Promise<Identity> {
  const { envoy_id: envoyId, server_id: serverId, hostname, api } = identity.about;
  const { csr, key } = await newCertificateRequest(hostname);
  const timestampMs = BigInt(now.getTime());
  const sequence = timestampMs * 1000n;
  const envelope = {
    method: renewalMethod,
    serverId,
    envoyId,
    timestampMs,
    sequence,
    payload: csr,
  };
  const signature = sign(envelopeBytes(envelope), signingKey(identity.seed));
  const request = {
    envoy_id: envoyId,
    timestamp_ms: Number(timestampMs),
    sequence: String(sequence),
    csr: base64(csr),
    signature: base64(signature),
  };
  const { certificate, ca } = await atOneOf(api, (one) =>
    askToRenew(one, identity.ca, request, proxy),
  );
  if (!certificateFacts(certificate).belongsTo(key))
    throw new VigoError("failed", "the server gave a certificate for another key");
  await writeCertificate(home, { certificate, key, ca });
  return { ...identity, certificate, key, ca };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const patienceMs = 5_000;

/**
 * Does one of the servers, which has proven itself, hang up on this certificate? In TLS 1.3 the client learns of it only
 * after its own handshake, and the runtime does not hand on the alert: a server that is content says something at once, one
 * that refuses ends the connection without a byte.
 */
export async function isRefused(identity: LinkIdentity): Promise<boolean> {
  for (const server of identity.servers) if (await hangsUp(server, identity)) return true;
  return false;
}

/** Who does not get there is refused by nobody. */
function lost(error: unknown): "lost" {
  if (error instanceof VigoError && error.failure === "unavailable") return "lost";
  throw error;
}

async function hangsUp(
  server: string,
  { certificate, key, ca, proxy }: LinkIdentity,
): Promise<boolean> {
  const tunnel = await tunnelTo(server, proxy).catch(lost);
  if (tunnel === "lost") return false;
  const socket = connect({
    ...(tunnel === undefined ? endOf(server) : { socket: tunnel }),
    cert: certificate,
    key,
    ca,
    servername: serverName,
    checkServerIdentity: (_, peer) => checkServerIdentity(serverName, peer),
    ALPNProtocols: ["h2"],
  });
  let isProven = false;
  let hasSpoken = false;
  socket.on("secureConnect", () => (isProven = socket.authorized));
  socket.on("data", () => {
    hasSpoken = true;
    socket.destroy();
  });
  // A server that cannot be reached has refused nothing: then the handshake never was.
  socket.on("error", () => socket.destroy());
  const late = setTimeout(() => {
    hasSpoken = true;
    socket.destroy();
  }, patienceMs);
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  clearTimeout(late);
  return isProven && !hasSpoken;
}
