/**
 * Puts a tree into force: a new folder beside the old ones, complete and on disk, then one rename of a symlink. Killed at any
 * moment it leaves the old version live or the new one, and litter that the next publish sweeps. Must not know whether the
 * tree is any good: that was asked before.
 */
import { VigoError } from "../errors.ts";
import type { Files } from "../files.ts";
import { isIgnored } from "../policy/layout.ts";
import type { Tree } from "../policy/model.ts";
import type { RolloutPlan } from "../rollout/plan.ts";
import { syncFolder } from "../write-file.ts";
import { treeDigest } from "./digest.ts";
import { ifThere } from "./errno.ts";
import { freezeInForce, frozen } from "./freeze.ts";
import {
  manifestName,
  parseVersionFolder,
  paths,
  type VersionName,
  versionFolder,
} from "./home.ts";
import { type Live, liveVersion, type Manifest, readManifest, soundLive } from "./live.ts";
import { type Holder, locked } from "./lock.ts";
import { formerOf, restoring } from "./rollback.ts";
import { isSpreading } from "./spreading.ts";

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
  /** It goes to a part of the fleet first. */
  readonly rollout?: RolloutPlan;
  /** The fleet does not take it back when it gets worse by it. */
  readonly unwatched?: boolean;
  /** It takes the place of a version that has not reached everyone yet. */
  readonly supersede?: boolean;
  /** Only in the place of this version. */
  readonly over?: number;
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
  const { damage } = await soundLive(files, home);
  if (live?.digest === digest && damage === undefined)
    return { kind: "unchanged", version: live.version };
  const forced = await mustBeOpen(files, home, publication);
  const former = await mayReplace(files, home, live, publication, damage);
  if (former !== undefined) return supersede(files, home, publication, former);

  const newest = Math.max(0, ...names.map((name) => parseVersionFolder(name)?.version ?? 0));
  const manifest: Manifest = {
    version: Math.max(newest + 1, Math.floor(publication.now.getTime() / 1000)),
    digest,
    ...(live === undefined ? {} : { parent: live.digest }),
    ...said(publication),
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

/** What the manifest takes as the publisher gave it. */
const said = (publication: Publication) => ({
  actor: publication.actor,
  published_at: publication.now.toISOString(),
  message: publication.message,
  source: publication.source,
  ...(publication.gitCommit === undefined ? {} : { git_commit: publication.gitCommit }),
  ...(publication.uploaded === true ? { uploaded: true } : {}),
  ...(publication.rollbackOf === undefined ? {} : { rollback_of: publication.rollbackOf }),
  ...(publication.rollout === undefined ? {} : { rollout: publication.rollout }),
  ...(publication.unwatched === true ? { unwatched: true } : {}),
});

/** Rejects with `conflict` when it may not. Gives the content that has to be published before it, where there is one. */
async function mayReplace(
  files: Files,
  home: string,
  live: VersionName | undefined,
  publication: Publication,
  damage: string | undefined,
): Promise<Live | undefined> {
  if (live === undefined) {
    mustHaveFormer(publication);
    return undefined;
  }
  // Nobody can say what it was: whoever replaces it knows that.
  if (damage !== undefined && publication.replace === true) return undefined;
  const before = await readManifest(files, home, live);
  mustDescend(before, publication);
  mustFollow(before, publication);
  if (!(await isSpreading(files, home, before))) return undefined;
  if (publication.supersede !== true) throw spreading(before);
  return publication.rollbackOf === undefined ? formerOf(files, home, before) : undefined;
}

/**
 * Those who have a version that has not reached everyone must not go back to a lower number, so the former content comes first, as a
 * version for everyone; killed between the two, that is what is live.
 */
async function supersede(
  files: Files,
  home: string,
  publication: Publication,
  former: Live,
): Promise<Published> {
  const { actor, now, keep, force } = publication;
  const message = "superseded before it had reached everyone";
  const common = { ...(keep && { keep }), ...(force !== undefined && { force }) };
  const restored = await publish(files, home, {
    ...restoring(former, { actor, message, now }),
    ...common,
  });
  const { over: _, ...next } = publication;
  const done = await publish(files, home, { ...next, replace: true });
  return done.kind === "unchanged" ? restored : done;
}

function mustHaveFormer({ rollout }: Publication): void {
  if (rollout === undefined) return;
  throw new VigoError("invalid", "the first version cannot be published in stages", {
    hint: "the others would have nothing to keep; publish it without --canary",
  });
}

function mustFollow({ version }: Manifest, { over }: Publication): void {
  if (over === undefined || over === version) return;
  throw new VigoError("conflict", `version ${version} was published meanwhile`);
}

const spreading = ({ version, rollout }: Manifest) =>
  new VigoError(
    "conflict",
    `version ${version} is being published in stages (${rollout?.stages.map((each) => `${each}%`).join(", ")}) and has not reached everyone`,
    {
      hint: "wait for it (vigo cli config status), take it back (vigo cli config rollback), or --supersede it",
    },
  );

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

/** Takes away what interrupted publishes left, and gives the names of the versions. */
async function sweep(files: Files, versions: string): Promise<readonly string[]> {
  const names = await files.readdir(versions);
  for (const name of names)
    if (name.startsWith(".new-") || name.startsWith(".old-"))
      await removeReadOnly(files, `${versions}/${name}`);
  return names.filter((name) => parseVersionFolder(name) !== undefined);
}

/** The oldest go, but never the one before, which a fleet that gets worse goes back to. Each is renamed first, so that a half-removed one is never taken for a version. */
async function prune(files: Files, versions: string, names: readonly string[], keep: number) {
  const newestFirst = [...names].sort(
    (a, b) => (parseVersionFolder(b)?.version ?? 0) - (parseVersionFolder(a)?.version ?? 0),
  );
  for (const name of newestFirst.slice(Math.max(2, keep))) {
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
