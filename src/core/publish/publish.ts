/**
 * Puts a tree into force: a new folder beside the old ones, complete and on disk, then one rename of a symlink. Killed at any
 * moment it leaves the old version live or the new one, and litter that the next publish sweeps. Must not know whether the
 * tree is any good: that was asked before.
 */
import { VigoError } from "../errors.ts";
import type { Files } from "../files.ts";
import { isIgnored } from "../policy/layout.ts";
import type { Tree } from "../policy/model.ts";
import { treeDigest } from "./digest.ts";
import { ifThere } from "./errno.ts";
import { freezeInForce, frozen } from "./freeze.ts";
import { manifestName, parseVersionFolder, paths, versionFolder } from "./home.ts";
import { liveVersion, type Manifest, readManifest } from "./live.ts";
import { type Holder, locked } from "./lock.ts";

export interface Publication {
  readonly tree: Tree;
  /** OS user, or the name of a token. */
  readonly actor: string;
  readonly message: string;
  readonly source: string;
  readonly gitCommit?: string;
  readonly now: Date;
  /** How many versions stay, the live one included (d: 50). */
  readonly keep?: number;
  /** The tree came from elsewhere. */
  readonly uploaded?: boolean;
  readonly rollbackOf?: number;
  /** Digest of the version that it was made from, as far as its publisher knows. */
  readonly base?: string;
  /** It may take the place of what it was not made from. */
  readonly replace?: boolean;
  /** Why it is published although publishing is frozen. */
  readonly force?: string;
}

export type Published =
  | { readonly kind: "published"; readonly manifest: Manifest }
  | { readonly kind: "unchanged"; readonly version: number };

/** Rejects with `conflict` while another publish goes on, publishing is frozen, or it was not made from what is live. */
export const publishTree = (
  files: Files,
  home: string,
  publication: Publication,
  holder: Holder,
): Promise<Published> => {
  const { lock } = paths(home);
  return locked(files, lock, holder, () => publish(files, home, publication));
};

async function publish(files: Files, home: string, publication: Publication): Promise<Published> {
  const at = paths(home);
  await files.mkdir(at.versions, { recursive: true, mode: 0o755 });
  const names = await sweep(files, at.versions);
  const live = await liveVersion(files, home);
  const digest = treeDigest(publication.tree);
  if (live?.digest === digest) return { kind: "unchanged", version: live.version };
  const forced = await mustBeOpen(files, home, publication);
  if (live !== undefined) mustDescend(await readManifest(files, home, live), publication);

  const newest = Math.max(0, ...names.map((name) => parseVersionFolder(name)?.version ?? 0));
  const manifest: Manifest = {
    version: Math.max(newest + 1, Math.floor(publication.now.getTime() / 1000)),
    digest,
    ...(live === undefined ? {} : { parent: live.digest }),
    actor: publication.actor,
    published_at: publication.now.toISOString(),
    message: publication.message,
    source: publication.source,
    ...(publication.gitCommit === undefined ? {} : { git_commit: publication.gitCommit }),
    ...(publication.uploaded === true ? { uploaded: true } : {}),
    ...(publication.rollbackOf === undefined ? {} : { rollback_of: publication.rollbackOf }),
    ...(forced === undefined ? {} : { forced }),
  };
  const folder = versionFolder(manifest);
  await writeVersion(files, `${at.versions}/.new-${folder}`, publication.tree, manifest);
  await files.rename(`${at.versions}/.new-${folder}`, `${at.versions}/${folder}`);
  await syncFolder(files, at.versions);
  await files.rm(at.nextLive, { force: true });
  await files.symlink(`versions/${folder}`, at.nextLive);
  await files.rename(at.nextLive, at.live);
  await syncFolder(files, home);
  await prune(files, at.versions, [...names, folder], publication.keep ?? 50);
  return { kind: "published", manifest };
}

/** Gives the reason that was needed, if one was. */
async function mustBeOpen(files: Files, home: string, { force, now }: Publication) {
  const freeze = await freezeInForce(files, home, now);
  if (freeze === undefined) return undefined;
  if (force === undefined) throw frozen(freeze);
  return force;
}

/**
 * Nobody overwrites what they have not seen: stacks of this host follow what came from this host, an upload what it names. A
 * rollback names what it takes back.
 */
function mustDescend(live: Manifest, { base, replace, uploaded }: Publication): void {
  const fromHere = uploaded !== true && live.uploaded !== true;
  if (replace === true || fromHere || base === live.digest) return;
  const commit = live.git_commit === undefined ? "" : `, commit ${live.git_commit}`;
  throw new VigoError(
    "conflict",
    `these stacks were not made from what is live: version ${live.version}, published by ${live.actor} from ${live.source}${commit}`,
    { hint: "`vigo cli config stacks pull` fetches it; --replace publishes over it" },
  );
}

async function writeVersion(files: Files, folder: string, tree: Tree, manifest: Manifest) {
  const folders = new Set<string>([folder]);
  await files.mkdir(folder, { mode: 0o755 });
  for (const [path, bytes] of tree.files) {
    await makeFolders(files, folder, path, folders);
    await writeFile(files, `${folder}/${path}`, bytes);
  }
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(files, `${folder}/${manifestName}`, new TextEncoder().encode(text));
  for (const each of [...folders].reverse()) {
    await syncFolder(files, each);
    await files.chmod(each, 0o555);
  }
}

/** Reading it back must give the same tree, so what reading leaves out cannot be published. */
function checkPath(path: string): void {
  const parts = path.split("/");
  const strange = parts.some((part) => part === ".." || part === "." || part === "");
  const ignored = parts.some((_, index) => isIgnored(parts.slice(0, index + 1).join("/")));
  if (strange || ignored || path === manifestName)
    throw new VigoError("invalid", `"${path}" is no path of a tree`);
}

async function makeFolders(files: Files, root: string, path: string, made: Set<string>) {
  let folder = root;
  checkPath(path);
  for (const part of path.split("/").slice(0, -1)) {
    folder = `${folder}/${part}`;
    if (made.has(folder)) continue;
    await files.mkdir(folder, { mode: 0o755 });
    made.add(folder);
  }
}

async function writeFile(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, "wx", 0o444);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(files: Files, path: string): Promise<void> {
  const folder = await files.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Takes away what interrupted publishes left, and gives the names of the versions. */
async function sweep(files: Files, versions: string): Promise<readonly string[]> {
  const names = await files.readdir(versions);
  for (const name of names)
    if (name.startsWith(".new-") || name.startsWith(".old-"))
      await removeReadOnly(files, `${versions}/${name}`);
  return names.filter((name) => parseVersionFolder(name) !== undefined);
}

/** The oldest go. Each is renamed first, so that a half-removed one is never taken for a version. */
async function prune(files: Files, versions: string, names: readonly string[], keep: number) {
  const newestFirst = [...names].sort(
    (a, b) => (parseVersionFolder(b)?.version ?? 0) - (parseVersionFolder(a)?.version ?? 0),
  );
  for (const name of newestFirst.slice(Math.max(1, keep))) {
    await files.rename(`${versions}/${name}`, `${versions}/.old-${name}`);
    await removeReadOnly(files, `${versions}/.old-${name}`);
  }
}

async function removeReadOnly(files: Files, folder: string): Promise<void> {
  await files.chmod(folder, 0o755);
  for (const name of (await ifThere(files.readdir(folder))) ?? []) {
    const path = `${folder}/${name}`;
    if ((await files.lstat(path)).isDirectory()) await removeReadOnly(files, path);
  }
  await files.rm(folder, { recursive: true, force: true });
}
