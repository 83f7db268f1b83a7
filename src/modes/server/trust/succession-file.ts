/** The chain of keys that have signed bundles, beside the one that does. Must not know who follows it. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Succession } from "../../../core/bundle/succession.ts";
import { VigoError } from "../../../core/errors.ts";
import { keyId } from "../../../core/pki/keys.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { writeAtomically } from "../write-file.ts";

/** Who has missed more of them needs a token. */
const most = 20;

const link = z.strictObject({ from: z.string(), public_key: z.base64(), signature: z.base64() });
const shape = z.array(link).max(most);

const fileOf = (bundleKeyFile: string): string => `${bundleKeyFile}.successions.json`;

/**
 * Up to the key that is in force: a change that was killed half way leaves a link to one that never was. Rejects with `failed` for a file that
 * is damaged.
 */
export async function readSuccessions(
  bundleKeyFile: string,
  inForce: string,
): Promise<readonly Succession[]> {
  const text = await ifThere(readFile(fileOf(bundleKeyFile), "utf8"));
  if (text === undefined) return [];
  const chain = read(bundleKeyFile, text);
  const last = chain.findLastIndex(({ publicKey }) => keyId(publicKey) === inForce);
  return chain.slice(0, last + 1);
}

export const writeSuccessions = (
  bundleKeyFile: string,
  chain: readonly Succession[],
): Promise<void> =>
  writeAtomically(
    fileOf(bundleKeyFile),
    `${JSON.stringify(
      chain.slice(-most).map(({ fromKeyId, publicKey, signature }) => ({
        from: fromKeyId,
        public_key: Buffer.from(publicKey).toString("base64"),
        signature: Buffer.from(signature).toString("base64"),
      })),
    )}\n`,
  );

function read(bundleKeyFile: string, text: string): readonly Succession[] {
  try {
    return shape.parse(JSON.parse(text)).map((one) => ({
      fromKeyId: one.from,
      publicKey: new Uint8Array(Buffer.from(one.public_key, "base64")),
      signature: new Uint8Array(Buffer.from(one.signature, "base64")),
    }));
  } catch (cause) {
    throw new VigoError("failed", `${fileOf(bundleKeyFile)} is damaged`, {
      hint: "restore it from a backup; without it, envoys that were away when the key was changed need a token",
      cause,
    });
  }
}
