/** What is published: the live version, and the ones before it. Only reads. Must not know how a version gets there. */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Files } from "../files.ts";
import { loadTree } from "../policy/load.ts";
import type { Tree } from "../policy/model.ts";
import { rolloutPlan } from "../rollout/plan.ts";
import { treeDigest } from "./digest.ts";
import { ifThere } from "./errno.ts";
import {
  manifestName,
  parseVersionFolder,
  paths,
  type VersionName,
  versionFolder,
} from "./home.ts";

const manifest = z.object({
  version: z.int().positive(),
  digest: z.string(),
  /** Of the version it replaced; absent for the first. */
  parent: z.string().exactOptional(),
  /** OS user, or the name of a token. */
  actor: z.string(),
  published_at: z.iso.datetime(),
  message: z.string(),
  /** Where it came from: a folder on the server's host, or an upload. */
  source: z.string(),
  git_commit: z.string().exactOptional(),
  /** Its tree came from elsewhere, so the stacks on this host do not have it. */
  uploaded: z.boolean().exactOptional(),
  /** The version whose content this is again. */
  rollback_of: z.int().exactOptional(),
  /** Why it was published although publishing was frozen. */
  forced: z.string().exactOptional(),
  /** It goes to a part of the fleet first; absent: to everyone at once. */
  rollout: rolloutPlan.exactOptional(),
  /** A fleet that gets worse by it does not take it back. */
  unwatched: z.boolean().exactOptional(),
});

/** `publish.json` of a version. */
export type Manifest = z.output<typeof manifest>;

export interface Live {
  readonly manifest: Manifest;
  readonly tree: Tree;
}

/** Where `.live` points, without reading what is there; undefined before the first publish. Cheap enough to poll. */
export async function liveVersion(files: Files, home: string): Promise<VersionName | undefined> {
  const target = await ifThere(files.readlink(paths(home).live));
  if (target === undefined) return undefined;
  const name = parseVersionFolder(target.replace(/^versions\//, ""));
  if (name !== undefined && target.startsWith("versions/")) return name;
  throw new VigoError("failed", `${paths(home).live} points to ${target}, which is no version`, {
    hint: `point it to one of ${paths(home).versions}, or remove it and publish`,
  });
}

/** The live tree; rejects with `failed` when it is not what was published. */
export async function readLive(files: Files, home: string): Promise<Live | undefined> {
  const name = await liveVersion(files, home);
  return name && (await readVersion(files, home, name));
}

/** The same where it is what was published; else why it is not, for those who may put something else in its place. */
export async function soundLive(
  files: Files,
  home: string,
): Promise<{ readonly live: Live | undefined; readonly damage?: string }> {
  try {
    return { live: await readLive(files, home) };
  } catch (caught) {
    if (!(caught instanceof VigoError) || caught.failure !== "failed") throw caught;
    return { live: undefined, damage: caught.message };
  }
}

export async function readVersion(files: Files, home: string, name: VersionName): Promise<Live> {
  const folder = `${paths(home).versions}/${versionFolder(name)}`;
  if ((await ifThere(files.lstat(folder))) === undefined) throw damaged(folder, "it is not there");
  const { tree, problems } = await loadTree(files, folder);
  const [problem] = problems;
  if (problem !== undefined) throw damaged(folder, `${problem.file}: ${problem.message}`);
  const bytes = tree.files.get(manifestName);
  if (bytes === undefined) throw damaged(folder, `${manifestName} is missing`);
  const content = new Map(tree.files);
  content.delete(manifestName);
  if (treeDigest({ files: content }) !== name.digest)
    throw damaged(folder, "its files are not the ones that were published");
  return { manifest: parseManifest(bytes, folder), tree: { files: content } };
}

/** What is said of a version, without its tree. */
export async function readManifest(files: Files, home: string, name: VersionName) {
  const folder = `${paths(home).versions}/${versionFolder(name)}`;
  const bytes = await ifThere(files.readFile(`${folder}/${manifestName}`));
  if (bytes === undefined) throw damaged(folder, `${manifestName} is missing`);
  return parseManifest(bytes, folder);
}

/** Newest first. A version whose manifest cannot be read is an error: history has no silent gaps. */
export async function history(files: Files, home: string): Promise<readonly Manifest[]> {
  const names = (await ifThere(files.readdir(paths(home).versions))) ?? [];
  const versions = names
    .flatMap((folder) => parseVersionFolder(folder) ?? [])
    .sort((a, b) => b.version - a.version);
  return Promise.all(versions.map((name) => readManifest(files, home, name)));
}

function parseManifest(bytes: Uint8Array, folder: string): Manifest {
  try {
    return manifest.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw damaged(folder, `${manifestName} cannot be read`, cause);
  }
}

const damaged = (folder: string, what: string, cause?: unknown) =>
  new VigoError("failed", `the published version in ${folder} is damaged: ${what}`, {
    hint: "publish again with --replace, or roll back to another version; where the history stays broken, move that folder away",
    cause,
  });
