/**
 * Remembers what a local policy came to, so that an apply with nothing new parses nothing: the same files, name and program,
 * with the same values of the traits that were read, resolve to the same body. Must not know how a policy is resolved.
 */
import * as files from "node:fs/promises";
import { join } from "node:path";
import type { Body } from "../../core/bundle/body.ts";
import { sha256Hex } from "../../core/pki/keys.ts";
import { treeDigest } from "../../core/publish/digest.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { version } from "../../core/version.ts";
import { writeAtomically } from "../../core/write-file.ts";
import type { LocalSource } from "./local-source.ts";

export interface Resolution {
  /** Of everything but traits that went into it. */
  readonly key: string;
  /** Hash by section, of those that were read. */
  readonly sections: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly body: Body;
  /** sha256 of the body's bytes, base64url. */
  readonly digest: string;
}

/** Undefined: this program is run from its source, which may change under the same name. */
export async function resolutionKey(
  { tree, own }: LocalSource,
  envoy: { readonly id: string; readonly hostname: string },
): Promise<string | undefined> {
  if (version.version === "0.0.0-source") return undefined;
  const { size, mtimeMs } = await files.stat(process.execPath);
  const program = `${version.version} ${version.commit} ${size} ${mtimeMs}`;
  return sha256Hex([treeDigest(tree), own ?? "", envoy.id, envoy.hostname, program].join("\0"));
}

const pathIn = (home: string) => join(home, "resolution.json");

/** One that cannot be read is as good as none: it is made anew from the policy. */
export async function recall(home: string, key: string): Promise<Resolution | undefined> {
  const text = await ifThere(files.readFile(pathIn(home), "utf8"));
  if (text === undefined) return undefined;
  try {
    const found = JSON.parse(text) as Resolution;
    return found.key === key ? found : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export const keep = (home: string, resolution: Resolution): Promise<void> =>
  writeAtomically(files, pathIn(home), JSON.stringify(resolution));
