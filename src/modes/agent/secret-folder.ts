/**
 * Secrets out of a folder, one file each, for `apply` without a server: `web/db` is the file `web/db` below it. Must not know what
 * they are for.
 */
import * as files from "node:fs/promises";
import { join } from "node:path";
import type { SecretAccess, SecretProofs, SecretValue } from "../../core/converge/secrets.ts";
import { VigoError } from "../../core/errors.ts";
import { sha256Hex } from "../../core/pki/keys.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { Redactor } from "../../core/redact.ts";
import { isSecretPath, longestSecret } from "../../core/secret-path.ts";

/** Rejects with `missing` when there is no such folder, with `failed` for a file that is no secret. */
export async function secretsFrom(
  folder: string | undefined,
  refs: readonly string[],
  proofs: SecretProofs | undefined,
): Promise<SecretAccess> {
  const redactor = new Redactor();
  const values = new Map<number, SecretValue>();
  if (folder !== undefined && refs.length > 0) {
    await mustBeFolder(folder);
    for (const [ref, path] of refs.entries()) {
      const value = await readSecret(folder, path);
      if (value === undefined) continue;
      redactor.learn(value);
      values.set(ref, { value, version: sha256Hex(proofs?.hmac(value) ?? value) });
    }
  }
  return {
    value: (ref) => values.get(ref),
    absence:
      folder === undefined
        ? "and there is no server here: give a folder with --secrets"
        : `which is not in ${folder}`,
    redactor,
    proofs,
  };
}

async function mustBeFolder(folder: string): Promise<void> {
  const found = await ifThere(files.stat(folder));
  if (found?.isDirectory() !== true)
    throw new VigoError("missing", `${folder} is no folder`, {
      hint: "--secrets names a folder with a file for each secret",
    });
}

/** The line end that most tools put behind a value is no part of it. */
async function readSecret(folder: string, path: string): Promise<string | undefined> {
  if (!isSecretPath(path) || path.split("/").some((part) => part === ".." || part === "."))
    return undefined;
  const file = join(folder, path);
  const found = await ifThere(files.stat(file));
  if (found === undefined) return undefined;
  if (!found.isFile() || found.size > longestSecret)
    throw new VigoError("failed", `${file} is no file of at most ${longestSecret} bytes`);
  return (await files.readFile(file, "utf8")).replace(/\r?\n$/, "");
}
