/** How a newcomer becomes an envoy. Must not know how tokens and certificates are kept. */
import { z } from "zod";
import { choice, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";

const base64 = (description: string) =>
  text(description, { pattern: /^[A-Za-z0-9+/]+={0,2}$/, wanted: "base64" });

/** The public certificate of the CA, which the token's fingerprint proves: sha256 of its DER, lower-case hex. */
export const showCa = endpoint({
  method: "GET",
  path: "/ca",
  summary: "Gives the CA's certificate.",
  permission: "anyone",
  response: z.object({ ca: z.string().describe("Certificate of the CA, PEM.") }),
});

/**
 * Asked again with the same token and public key, it answers for the same identity: a newcomer that waits asks so until it
 * is approved (`enrolled`) or turned away (`denied`), and one whose answer was lost loses nothing, nor a use of its token.
 * Refusals: `unauthenticated` for a token that is unknown, expired, used up or revoked; `denied` for one that does not
 * match the hostname, is another server's, or for a rejected request; `limited` when an address asks too often.
 */
export const enroll = endpoint({
  method: "POST",
  path: "/enroll",
  summary: "Enrols a machine that holds a token.",
  permission: "anyone",
  body: parameters({
    token: text("As `tokens create` printed it: `vgt_ID_SECRET_FINGERPRINT`."),
    hostname: text("The name that hostcrates will match.", {
      pattern: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i,
      wanted: "a hostname",
    }),
    csr: base64("PKCS #10 request, DER in base64. Only its key is taken."),
    public_key: base64(
      "Raw Ed25519 public key that will sign this envoy's requests, 32 bytes in base64.",
    ),
    proof: base64(
      "Ed25519 signature over `vigo.v1.enroll`, a zero byte and the request's DER, by that key.",
    ),
    machine_id: text("/etc/machine-id or what stands for it; tells clones apart."),
    boot_id: text("Changes at every boot."),
    agent_version: text("Version of the agent."),
    platform: choice("Operating system.", ["linux", "darwin", "windows"]),
    arch: choice("Processor.", ["amd64", "arm64"]),
  }),
  response: z.discriminatedUnion("status", [
    z.object({
      status: z.literal("enrolled"),
      envoy_id: z.string().describe("The identity, a UUID."),
      hostname: z.string().describe("The name as enrolled."),
      server_id: z.string().describe("Identity of the server, part of every signature."),
      certificate: z.string().describe("Client certificate, PEM."),
      ca: z.string().describe("CA certificates to trust, PEM."),
      bundle_keys: z
        .array(
          z.object({
            id: z.string().describe("First 16 hex digits of the key's sha256."),
            public_key: z.string().describe("Raw Ed25519 key, base64."),
          }),
        )
        .describe("Keys that sign bundles."),
      grpc_port: z.number().describe("Where AgentService listens on this same host."),
    }),
    z.object({
      status: z.literal("pending"),
      request_id: z.string().describe("What an admin approves."),
      key_fingerprint: z.string().describe("To compare on both screens before approving."),
    }),
  ]),
});
