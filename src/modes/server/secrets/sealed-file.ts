/** One secret in its file: what is written, and how it is read back. Must not know folders, nor who asks. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import { decrypt, encrypt } from "./cipher.ts";
import type { MasterKeys } from "./master-keys.ts";

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

const written = z.strictObject({
  format: z.literal(1),
  /** Counts up from 1. */
  version: z.int().min(1),
  /** Random for each version: a secret that was deleted and made again has the same numbers, and is another. */
  edition: z.string().regex(/^[0-9a-f]{16}$/),
  changed_at: z.int(),
  key: z.string(),
  nonce: base64,
  ciphertext: base64,
  tag: base64,
});

export type SealedFile = z.output<typeof written>;

/** What can be said of a secret without its key. */
export interface About {
  readonly version: number;
  readonly edition: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

export const newEdition = (): string => randomBytes(8).toString("hex");

/** A file moved to another path, or brought back from an older version's number, does not decrypt. */
const bound = (path: string, { version, edition }: About): Uint8Array =>
  new TextEncoder().encode(`vigo.v1.secret\0${path}\0${version}\0${edition}`);

export function seal(path: string, value: Uint8Array, about: About, keys: MasterKeys): string {
  const key = keys.keys.get(keys.current);
  if (key === undefined) throw new Error("master keys without their current one");
  const { nonce, ciphertext, tag } = encrypt(key, value, bound(path, about));
  const file: SealedFile = {
    format: 1,
    version: about.version,
    edition: about.edition,
    changed_at: about.changedAt,
    key: keys.current,
    nonce: spell(nonce),
    ciphertext: spell(ciphertext),
    tag: spell(tag),
  };
  return `${JSON.stringify(file)}\n`;
}

/** Throws `failed` when it is no secret, its key is gone, or somebody has changed it. */
export function unseal(path: string, file: SealedFile, keys: MasterKeys): Uint8Array {
  const key = keys.keys.get(file.key);
  if (key === undefined)
    throw unusable(path, `it is encrypted with key ${file.key}, which the key file does not have`);
  const sealed = {
    nonce: bytes(file.nonce),
    ciphertext: bytes(file.ciphertext),
    tag: bytes(file.tag),
  };
  const plain = decrypt(key, sealed, bound(path, aboutOf(file)));
  if (plain === undefined) throw unusable(path, "its file was changed or moved");
  return plain;
}

export function parseSealed(path: string, text: string): SealedFile {
  try {
    return written.parse(JSON.parse(text));
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause;
    throw unusable(path, "its file is damaged");
  }
}

export const aboutOf = ({ version, edition, changed_at }: SealedFile): About => ({
  version,
  edition,
  changedAt: changed_at,
});

const unusable = (path: string, why: string) =>
  new VigoError("failed", `secret ${path} cannot be read: ${why}`, {
    hint: `restore it from a backup, or set it again: vigo cli secrets set ${path}`,
  });

const spell = (plain: Uint8Array) => Buffer.from(plain).toString("base64");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
