/** Secrets that people hold and the server only recognises. Must not know what they open. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { sha256, sha256Hex } from "../../core/pki/keys.ts";

/** 192 random bits in hex, which holds no `_`. */
export const newSecret = (): string => randomBytes(24).toString("hex");

/** A short public name for one, 48 random bits. */
export const newId = (): string => randomBytes(6).toString("hex");

/** What is kept of a secret. A fast hash does, because nobody can guess 192 random bits. */
export const hashOf = (secret: string): string => sha256Hex(secret);

/** Takes as long for a near miss as for a far one. */
export const isSecret = (given: string, hash: string): boolean =>
  timingSafeEqual(sha256(given), Buffer.from(hash, "hex"));
