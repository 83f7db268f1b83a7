/**
 * Makes a backup: a folder with a consistent copy of the database and what of the home belongs to it, keys too. Everybody is served
 * meanwhile. A kill leaves a folder without its manifest, which the next one takes away. Must not know HTTP.
 */
import { copyFile, lstat, mkdir, readdir, readlink, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { VigoError } from "../../../core/errors.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { version } from "../../../core/version.ts";
import type { Settings } from "../config/read.ts";
import type { Home } from "../home.ts";
import type { Store } from "../store/store.ts";
import type { Part } from "../works.ts";
import { writeAtomically } from "../write-file.ts";
import { covered, elsewhere, pointsOut } from "./covered.ts";
import { fileFacts } from "./file-facts.ts";
import { databaseName, type Manifest, manifestName } from "./manifest.ts";

interface BackupOptions {
  readonly home: Home;
  readonly settings: Settings;
  readonly serverId: string;
  readonly store: Pick<Store, "copyTo" | "size">;
  readonly now: Date;
  readonly part: Part;
}

export interface Backup {
  readonly folder: string;
  readonly bytes: number;
  readonly files: number;
  /** What has to be kept by other means. */
  readonly elsewhere: readonly string[];
}

const unfinished = ".unfinished";

/** One at a time: the next would take what is unfinished for what a kill has left. Rejects as `makeBackup`, and with `conflict`. */
export function backups(
  options: () => Omit<BackupOptions, "part">,
): (part?: Part) => Promise<Backup> {
  let isBusy = false;
  return async (part = () => {}) => {
    if (isBusy)
      throw new VigoError("conflict", "another backup is being made", {
        hint: "wait until it is done: it is as good",
      });
    isBusy = true;
    try {
      return await makeBackup({ ...options(), part });
    } finally {
      isBusy = false;
    }
  };
}

/** Rejects with `unavailable` when the disk is full, and leaves nothing. */
async function makeBackup(options: BackupOptions): Promise<Backup> {
  const { home, settings, serverId, store, now, part } = options;
  const at = now.toISOString();
  await mkdir(home.backups, { recursive: true, mode: 0o700 });
  const folder = await freeFolder(home, at.replaceAll(":", "-").replace(/\.\d+Z$/, "Z"));
  const draft = `${folder}${unfinished}`;
  await removeUnfinished(home.backups);
  await mkdir(draft, { mode: 0o700 });
  try {
    const found: Found = { files: {}, folders: {}, links: {} };
    const outside: string[] = [];
    part("copying files");
    for (const name of covered(home)) await copy(name, { home, to: draft, outside }, found);
    const database = join(draft, databaseName);
    // The copy has nothing of what is free in the database, so that it may be done before it is as large.
    const all = await store.size();
    part("copying the database", async () => ({ done: await grown(database), all }));
    await store.copyTo(database);
    part("checking the copy");
    found.files[databaseName] = await fileFacts(database);
    const manifest: Manifest = {
      format: 1,
      made_at: at,
      version: version.version,
      server_id: serverId,
      ...found,
      elsewhere: [...new Set([...elsewhere(home, settings), ...outside])].sort(),
    };
    await writeAtomically(join(draft, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
    await rename(draft, folder);
    const facts = Object.values(found.files);
    const bytes = facts.reduce((sum, file) => sum + file.bytes, 0);
    return { folder, bytes, files: facts.length, elsewhere: manifest.elsewhere };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

const grown = async (file: string): Promise<number> => (await ifThere(stat(file)))?.size ?? 0;

/** Two of one second are two. */
async function freeFolder({ backups }: Home, name: string): Promise<string> {
  const names = await readdir(backups);
  for (let again = 2, free = name; ; free = `${name}-${again++}`)
    if (!names.includes(free)) return join(backups, free);
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.endsWith(unfinished)) await rm(join(folder, name), { recursive: true, force: true });
}

type Found = Pick<Manifest, "files" | "folders" | "links">;

interface Way {
  readonly home: Home;
  readonly to: string;
  /** Gets what links point at and the home does not hold. */
  readonly outside: string[];
}

/** What is not there, or goes meanwhile, is left out: a version that is pruned, a secret that is deleted. */
async function copy(name: string, way: Way, found: Found): Promise<void> {
  const { home, to, outside } = way;
  const source = join(home.folder, name);
  const facts = await ifThere(lstat(source));
  if (facts === undefined) return;
  if (facts.isDirectory()) {
    found.folders[name] = facts.mode & 0o777;
    await mkdir(join(to, name), { recursive: true, mode: 0o700 });
    for (const inner of (await ifThere(readdir(source))) ?? [])
      await copy(join(name, inner), way, found);
    return;
  }
  if (facts.isSymbolicLink()) {
    const target = await readlink(source);
    found.links[name] = target;
    const path = pointsOut(home, source, target);
    if (path !== undefined) outside.push(path);
  }
  if (!facts.isFile()) return;
  const target = join(to, name);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  if ((await ifThere(copyFile(source, target).then(() => true))) === undefined) return;
  found.files[name] = await fileFacts(target, facts.mode & 0o777);
}
