/** How an envoy whose certificate has ended gets another one. Must not know how either side proves anything. */
import { z } from "zod";
import { parameters, text, whole } from "../params.ts";
import { endpoint } from "./endpoint.ts";

const base64 = (description: string) =>
  text(description, { pattern: /^[A-Za-z0-9+/]+={0,2}$/, wanted: "base64" });

/**
 * Signed like every request of an agent (core/wire/signed), with `POST /api/v1/renew` for the method and the certificate
 * request's DER for the payload. Refusals: `missing` for an envoy that is not known, `denied` for one that is revoked,
 * `failed` when the clocks differ too much, `unauthenticated` for a wrong signature, `conflict` for a request that came
 * before, `limited` within a minute of the last renewal.
 */
export const renewClient = endpoint({
  method: "POST",
  path: "/renew",
  summary: "Renews the certificate of an envoy whose old one has ended.",
  permission: "anyone",
  body: parameters({
    envoy_id: text("The identity, a UUID."),
    timestamp_ms: whole("The agent's clock, milliseconds since 1970."),
    sequence: text("Above every number it has used; decimal.", {
      pattern: /^[0-9]{1,19}$/,
      wanted: "a whole number",
    }),
    csr: base64("PKCS #10 request, DER in base64. Only its key is taken."),
    signature: base64("Ed25519 signature over the envelope, by the key on record."),
  }),
  response: z.object({
    certificate: z.string().describe("Client certificate, PEM."),
    ca: z.string().describe("CA certificates to trust, PEM."),
  }),
});
