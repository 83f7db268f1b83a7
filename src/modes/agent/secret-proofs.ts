/** Keyed hashes of what secrets rendered to, in the agent's state. Must not know what they prove, nor values. */
import { createHmac } from "node:crypto";
import type { SecretProofs } from "../../core/converge/secrets.ts";
import type { Cache } from "./cache.ts";

export const hmacWith =
  (key: Uint8Array) =>
  (text: string): string =>
    createHmac("sha256", key).update(text).digest("base64url");

export const proofsIn = (cache: Cache, key: Uint8Array): SecretProofs => ({
  all: () => cache.get("proofs") ?? {},
  hmac: hmacWith(key),
  keep: async (proofs) => cache.set("proofs", proofs),
});
