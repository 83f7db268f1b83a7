/**
 * AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags. Must not know what is encrypted, nor where it is kept.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export interface Encrypted {
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
}

const algorithm = "aes-256-gcm";
const authTagLength = 16;

/** `bound` is not hidden, but whatever is decrypted must come with the same. The nonce is random unless a test gives one. */
export function encrypt(
  key: Uint8Array,
  plain: Uint8Array,
  bound: Uint8Array,
  nonce: Uint8Array = randomBytes(12),
): Encrypted {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength });
  cipher.setAAD(bound);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce, ciphertext, tag: cipher.getAuthTag() };
}

/** Undefined when key, bound data or any byte is not as it was. */
export function decrypt(
  key: Uint8Array,
  { nonce, ciphertext, tag }: Encrypted,
  bound: Uint8Array,
): Uint8Array | undefined {
  if (nonce.length !== 12 || tag.length !== authTagLength) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength });
  decipher.setAAD(bound);
  decipher.setAuthTag(tag);
  const plain = decipher.update(ciphertext);
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch (error) {
    // OpenSSL says no more than that authentication failed, and its words differ between versions.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
