/**
 * Puts a backup in the place of a home. What was there is moved aside, nothing is deleted. A kill leaves a note in the home, with which
 * no server starts; done again, it is completed. Must not know the command line.
 */
import { chmod, copyFile, lstat, mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { readSettings } from "../config/read.ts";
import { lockHome } from "../first-start/lock.ts";
import type { Home } from "../home.ts";
import { assertOwn } from "../owner.ts";
import { revealing } from "../secrets/reveal.ts";
import { examineCopy } from "../store/database.ts";
import { readIfThere, writeAtomically } from "../write-file.ts";
import { covered, isCovered } from "./covered.ts";
import { fileFacts } from "./file-facts.ts";
import { databaseName, type Manifest, readManifest } from "./manifest.ts";

export interface Restored {
  readonly madeAt: string;
  readonly serverId: string;
  /** Where that is now what was there before; undefined: there was nothing. */
  readonly aside: string | undefined;
  readonly elsewhere: readonly string[];
}

const note = z.object({ from: z.string(), aside: z.string() });

/** Rejects with `conflict` while a server runs there, with `invalid` for a backup that is not whole, and then nothing has changed. */
export async function restoreBackup(home: Home, folder: string, now: Date): Promise<Restored> {
  const from = resolve(folder);
  const manifest = await readManifest(from);
  assertOurs(home, from, manifest);
  await assertWhole(from, manifest);
  await assertOwn(home, "restore …");
  await mkdir(home.run, { recursive: true, mode: 0o700 });
  const unlock = lockHome(home.lock, home.folder);
  try {
    const aside = await begin(home, from, now);
    for (const name of covered(home)) await moveAside(join(home.folder, name), join(aside, name));
    await place(home, from, manifest);
    await placeDatabase(home, from, aside);
    await rm(home.restoring);
    return {
      madeAt: manifest.made_at,
      serverId: manifest.server_id,
      aside: (await ifThere(lstat(aside))) && aside,
      elsewhere: manifest.elsewhere,
    };
  } finally {
    unlock();
  }
}

/** Only what is moved aside first is ever written. */
function assertOurs(home: Home, from: string, { files, folders, links }: Manifest): void {
  const names = [files, folders, links].flatMap((one) => Object.keys(one));
  const strange = names.find((name) => name !== databaseName && !isCovered(home, name));
  if (strange === undefined) return;
  throw new VigoError("invalid", `${from}: ${strange} is nothing that a backup holds`, {
    hint: "use another backup; nothing was changed",
  });
}

/** Before anything is touched: every byte is looked at. */
async function assertWhole(from: string, { files }: Manifest): Promise<void> {
  const wrong: string[] = files[databaseName] === undefined ? [`${databaseName} is not in it`] : [];
  for (const [name, { sha256 }] of Object.entries(files)) {
    const facts = await ifThere(fileFacts(join(from, name)));
    if (facts === undefined) wrong.push(`${name} is missing`);
    else if (facts.sha256 !== sha256) wrong.push(`${name} is not as it was copied`);
  }
  if (wrong.length === 0) wrong.push(...(await damage(join(from, databaseName))));
  if (wrong.length === 0) return;
  const more = wrong.length > 10 ? `; and ${wrong.length - 10} more` : "";
  throw new VigoError("invalid", `${from}: ${wrong.slice(0, 10).join("; ")}${more}`, {
    hint: "use another backup; nothing was changed",
  });
}

const damage = async (file: string): Promise<readonly string[]> =>
  (await examineCopy(file)).map((problem) => `${databaseName}: ${problem}`);

/** Gives where things are moved to; an interrupted restore goes on with its own place. */
async function begin(home: Home, from: string, now: Date): Promise<string> {
  const text = await readIfThere(home.restoring);
  if (text !== undefined) {
    const { aside } = note.parse(JSON.parse(text));
    return aside;
  }
  const name = `before-restore-${now
    .toISOString()
    .replaceAll(":", "-")
    .replace(/\.\d+Z$/, "Z")}`;
  const aside = join(home.folder, name);
  await writeAtomically(home.restoring, `${JSON.stringify({ from, aside })}\n`);
  return aside;
}

/** What stands aside already was moved by an attempt that was interrupted: then this is what that one had copied. */
async function moveAside(path: string, aside: string): Promise<void> {
  if ((await ifThere(lstat(path))) === undefined) return;
  if ((await ifThere(lstat(aside))) !== undefined) {
    await removeAll(path);
    return;
  }
  await mkdir(dirname(aside), { recursive: true, mode: 0o700 });
  await rename(path, aside);
}

async function place(home: Home, from: string, { files, folders, links }: Manifest): Promise<void> {
  const at = (name: string) => join(home.folder, name);
  for (const name of Object.keys(folders)) await mkdir(at(name), { recursive: true, mode: 0o700 });
  for (const [name, { mode }] of Object.entries(files)) {
    if (name === databaseName) continue;
    await copyFile(join(from, name), at(name));
    await chmod(at(name), mode);
    await fileFacts(at(name));
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, at(name));
  for (const [name, mode] of Object.entries(folders)) await chmod(at(name), mode);
}

/** Where the settings want it, which are those of the backup by now. */
async function placeDatabase(home: Home, from: string, aside: string): Promise<void> {
  const { databaseFile } = await readSettings(home, revealing(home));
  for (const end of ["", "-wal", "-shm"])
    await moveAside(`${databaseFile}${end}`, join(aside, "db", `vigo.db${end}`));
  await mkdir(dirname(databaseFile), { recursive: true, mode: 0o700 });
  const draft = `${databaseFile}.restored`;
  await copyFile(join(from, databaseName), draft);
  await chmod(draft, 0o600);
  await fileFacts(draft);
  await rename(draft, databaseFile);
}

/** Published versions are read-only, their folders too. */
async function removeAll(path: string): Promise<void> {
  if ((await lstat(path)).isDirectory()) {
    await chmod(path, 0o700);
    for (const entry of await readdir(path, { withFileTypes: true }))
      if (entry.isDirectory()) await removeAll(join(path, entry.name));
  }
  await rm(path, { recursive: true, force: true });
}
