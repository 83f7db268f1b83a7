/**
 * Ed25519 (RFC 8032) on the runtime's native code, with keys as their 32 raw bytes. Must not know what is signed.
 * `@noble/ed25519` is the reference the tests hold it to; it is twenty times slower.
 */
import {
  hash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as nativeSign,
  verify as nativeVerify,
} from "node:crypto";
import { VigoError } from "../errors.ts";

/** DER prefixes of an Ed25519 key in PKCS #8 and SPKI (RFC 8410 §7, §4). */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const spki = Buffer.from("302a300506032b6570032100", "hex");

export interface KeyPair {
  /** 32 bytes each. */
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

export type SigningKey = KeyObject & { readonly type: "private" };
export type VerifyKey = KeyObject & { readonly type: "public" };

export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    seed: new Uint8Array(privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32)),
    publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32)),
  };
}

/** Import once and keep: the import costs as much as a signature. */
export function signingKey(seed: Uint8Array): SigningKey {
  if (seed.length !== 32) throw new VigoError("invalid", "an ed25519 seed has 32 bytes");
  const key = Buffer.concat([pkcs8, seed]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" }) as SigningKey;
}

export function verifyKey(publicKey: Uint8Array): VerifyKey {
  if (publicKey.length !== 32) throw new VigoError("invalid", "an ed25519 public key has 32 bytes");
  const key = Buffer.concat([spki, publicKey]);
  return createPublicKey({ key, format: "der", type: "spki" }) as VerifyKey;
}

export const publicKeyOf = (seed: Uint8Array): Uint8Array =>
  new Uint8Array(
    createPublicKey(signingKey(seed)).export({ format: "der", type: "spki" }).subarray(-32),
  );

export const sign = (message: Uint8Array, key: SigningKey): Uint8Array =>
  new Uint8Array(nativeSign(null, message, key));

export const verify = (message: Uint8Array, signature: Uint8Array, key: VerifyKey): boolean =>
  signature.length === 64 && nativeVerify(null, message, key, signature);

/** First 16 hex digits of the key's sha256: how tickets and people name a key. */
export const keyId = (publicKey: Uint8Array): string => sha256Hex(publicKey).slice(0, 16);

export const sha256 = (bytes: Uint8Array | string): Uint8Array =>
  new Uint8Array(hash("sha256", bytes, "buffer"));
export const sha256Hex = (bytes: Uint8Array | string): string => hash("sha256", bytes, "hex");
