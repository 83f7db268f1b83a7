/**
 * What stacks were made from: the commit of their work tree, and the published version they follow, which either git shows or a
 * file that was left when they were fetched or published. Must not know servers.
 */
import files, { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../core/publish/live.ts";
import { readIfThere } from "./login-file.ts";

/** Not part of the tree: its name begins with a dot. */
const baseFile = (folder: string): string => join(folder, ".vigo-base");

/** Of the work tree the stacks are in, `-dirty` when they are not as committed; undefined where git or a commit is not. */
export function gitCommit(folder: string): string | undefined {
  const commit = git(folder, ["rev-parse", "HEAD"]);
  if (commit === undefined) return undefined;
  const changes = git(folder, ["status", "--porcelain", "--", "."]);
  const others = changes?.split("\n").filter((line) => line !== "" && !line.endsWith(".vigo-base"));
  return others?.length === 0 ? commit : `${commit}-dirty`;
}

/** Digest of the live version if these stacks follow it. */
export async function baseOf(
  folder: string,
  live: Pick<Manifest, "digest" | "git_commit"> | undefined,
): Promise<string | undefined> {
  if (live === undefined) return undefined;
  if ((await readIfThere(baseFile(folder)))?.trim() === live.digest) return live.digest;
  const { git_commit: commit } = live;
  if (commit === undefined || !/^[0-9a-f]{7,64}$/.test(commit)) return undefined;
  const follows = git(folder, ["merge-base", "--is-ancestor", commit, "HEAD"]) !== undefined;
  return follows ? live.digest : undefined;
}

/** For work trees that git cannot vouch for. */
export const rememberBase = (folder: string, digest: string): Promise<void> =>
  writeFile(baseFile(folder), `${digest}\n`);

export async function hasBase(folder: string): Promise<boolean> {
  return (await files.readdir(folder)).includes(".vigo-base");
}

/** What it prints; undefined when it is not installed, fails or says no. */
function git(folder: string, words: readonly string[]): string | undefined {
  if (Bun.which("git") === null) return undefined;
  const { success, stdout } = Bun.spawnSync(["git", "-C", folder, ...words], {
    stderr: "ignore",
    timeout: 10_000,
  });
  return success ? stdout.toString().trim() : undefined;
}
