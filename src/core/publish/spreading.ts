/**
 * Whether the live version, published in stages, has yet to reach everyone. The server keeps how far it is; beside the versions lies
 * only which one was finished last, for those who publish with the server down. Must not know stages.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Files } from "../files.ts";
import { writeAtomically } from "../write-file.ts";
import { ifThere } from "./errno.ts";
import { paths } from "./home.ts";
import type { Manifest } from "./live.ts";

const finished = z.object({ version: z.int().positive() });

export async function isSpreading(
  files: Files,
  home: string,
  { version, rollout }: Manifest,
): Promise<boolean> {
  return rollout !== undefined && (await lastFinished(files, home)) !== version;
}

/** It has reached everyone. */
export async function finish(files: Files, home: string, version: number): Promise<void> {
  if ((await lastFinished(files, home)) === version) return;
  await writeAtomically(files, paths(home).rollout, `${JSON.stringify({ version })}\n`, 0o644);
}

async function lastFinished(files: Files, home: string): Promise<number | undefined> {
  const path = paths(home).rollout;
  const bytes = await ifThere(files.readFile(path));
  if (bytes === undefined) return undefined;
  try {
    return finished.parse(JSON.parse(new TextDecoder().decode(bytes))).version;
  } catch (cause) {
    const hint = "remove it; the server writes it anew";
    throw new VigoError("failed", `${path} cannot be read`, { hint, cause });
  }
}
