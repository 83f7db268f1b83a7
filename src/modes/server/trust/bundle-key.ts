/** The key that signs bundles, in its file. Must not know what is signed. */
import { readFile } from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import {
  keyId,
  newKeyPair,
  publicKeyOf,
  type SigningKey,
  signingKey,
} from "../../../core/pki/keys.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import type { Succession } from "../../../core/bundle/succession.ts";
import { writeAtomically } from "../write-file.ts";
import { readSuccessions } from "./succession-file.ts";

export interface BundleKey {
  /** First 16 hex digits of the public key's sha256. */
  readonly id: string;
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  readonly key: SigningKey;
  /** From former keys to this one. */
  readonly successions: readonly Succession[];
}

export async function makeBundleKey(file: string): Promise<void> {
  if ((await ifThere(readFile(file))) === undefined) await writeAtomically(file, newKeyPair().seed);
}

/** Rejects with `failed` when it is missing, or no key. */
export async function openBundleKey(file: string): Promise<BundleKey> {
  const seed = await ifThere(readFile(file));
  if (seed?.length !== 32)
    throw new VigoError("failed", `${file} is ${seed === undefined ? "missing" : "no key"}`, {
      hint: "restore it from a backup: envoys take bundles from no other key. When it is lost for good: vigo server new-bundle-key",
    });
  const publicKey = publicKeyOf(seed);
  const id = keyId(publicKey);
  const successions = await readSuccessions(file, id);
  return { id, publicKey, key: signingKey(seed), successions };
}
