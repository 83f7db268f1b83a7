/**
 * A signed head: the last entry of an audit log at a moment. Whoever keeps one elsewhere can show later that the log still holds all
 * it held then. One word, so that it can be copied: `vigo-head-1.ENTRY.HASH.MILLISECONDS.KEY.SIGNATURE`. Must not know logs.
 */
import { VigoError } from "../errors.ts";
import { keyId, publicKeyOf, sign, signingKey, verify, verifyKey } from "../pki/keys.ts";
import type { Link } from "./chain.ts";

export interface AuditHead extends Link {
  /** When it was signed, milliseconds since 1970. */
  readonly at: number;
  /** First 16 hex digits of the public key's sha256. */
  readonly keyId: string;
  /** base64url. */
  readonly signature: string;
}

const form =
  /^vigo-head-1\.([1-9]\d{0,14})\.([0-9a-f]{64})\.(\d{1,15})\.([0-9a-f]{16})\.([A-Za-z0-9_-]{86})$/;

/** Throws `invalid` for a text that is no head. */
export function parseHead(text: string): AuditHead {
  const [, id, hash = "", at, key = "", signature = ""] = form.exec(text.trim()) ?? [];
  if (id === undefined)
    throw new VigoError("invalid", "this is no head of an audit log", {
      hint: "a head begins with vigo-head-1. and is copied whole from /healthz or `vigo cli audit verify`",
    });
  return { id: Number(id), hash, at: Number(at), keyId: key, signature };
}

export const spellHead = ({ id, hash, at, keyId: key, signature }: AuditHead): string =>
  `vigo-head-1.${id}.${hash}.${at}.${key}.${signature}`;

/** A head of another server, or with another meaning, has other bytes. */
const signedBytes = (serverId: string, { id, hash }: Link, at: number): Uint8Array =>
  Buffer.from(["vigo.v1.audit_head", serverId, id, hash, at].join("\0"));

export interface HeadSigner {
  readonly keyId: string;
  sign(last: Link, at: number): AuditHead;
  /** Did this key sign it, for this server? */
  isOurs(head: AuditHead): boolean;
}

/** `seed`: 32 bytes of an ed25519 key that signs nothing else. */
export function headSigner(seed: Uint8Array, serverId: string): HeadSigner {
  const [key, publicKey] = [signingKey(seed), publicKeyOf(seed)];
  const [id, check] = [keyId(publicKey), verifyKey(publicKey)];
  return {
    keyId: id,
    sign: (last, at) => ({
      ...last,
      at,
      keyId: id,
      signature: Buffer.from(sign(signedBytes(serverId, last, at), key)).toString("base64url"),
    }),
    isOurs: (head) =>
      head.keyId === id &&
      verify(signedBytes(serverId, head, head.at), Buffer.from(head.signature, "base64url"), check),
  };
}
