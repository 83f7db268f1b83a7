/**
 * Opens an LMDB environment, compiled and from source. Bun would unpack an embedded addon into the temp folder, where others
 * may write and where mounts may forbid execution; so it is copied into a folder of our own and loaded from there.
 * Must not know what is kept in the environment.
 */
import {
  chmod,
  lstat,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rename,
  rm,
} from "node:fs/promises";
import { join } from "node:path";
import type { RootDatabase, RootDatabaseOptionsWithPath } from "lmdb";
import { VigoError } from "../../core/errors.ts";
import { type EmbeddedAddon, embeddedAddon } from "./lmdb-addon.ts";

export interface LmdbOptions extends RootDatabaseOptionsWithPath {
  readonly path: string;
  /** A folder that only the agent's user can write: `HOME/lib`. Made when missing. */
  readonly libDir: string;
}

/** `path` is a folder, made 0700 when missing; what LMDB writes there is 0600. */
export async function openLmdb<V = unknown, K extends string = string>({
  libDir,
  ...options
}: LmdbOptions): Promise<RootDatabase<V, K>> {
  if (embeddedAddon !== undefined) await provide(embeddedAddon, libDir);
  await privateFolder(options.path);
  const { open } = await import("lmdb");
  // lmdb's declarations leave this one out; `mdb_env_open` takes it as the mode of its files.
  const owned = { ...options, permissionsMode: 0o600 };
  return open<V, K>(owned);
}

/** Where the module that the build puts in place of `node-gyp-build-optional-packages` looks. */
const slot = Symbol.for("vigo.lmdb-addon");

async function provide(addon: EmbeddedAddon, libDir: string): Promise<void> {
  const known = globalThis as { [slot]?: unknown };
  if (known[slot] !== undefined) return;
  const loaded: { exports: unknown } = { exports: {} };
  const file = await unpack(addon, libDir);
  try {
    process.dlopen(loaded, file);
  } catch (cause) {
    throw new VigoError("failed", `cannot load ${file}: ${String(cause)}`, {
      hint: "the file system of the agent's home must allow execution (no noexec mount)",
      cause,
    });
  }
  known[slot] = loaded.exports;
}

/** Gives `LIBDIR/SHA256/lmdb.node`, written anew unless it is there and whole. Folders of other versions are removed. */
async function unpack({ file, digest, bytes }: EmbeddedAddon, libDir: string): Promise<string> {
  await privateFolder(libDir);
  const folder = join(libDir, digest);
  const target = join(folder, "lmdb.node");
  if (await isWhole(target, bytes)) return target;
  for (const other of await readdir(libDir))
    if (other !== digest) await rm(join(libDir, other), { recursive: true, force: true });
  await privateFolder(folder);
  const fresh = `${target}.${process.pid}`;
  const out = await openFile(fresh, "w", 0o500);
  try {
    await out.writeFile(await readFile(file));
    await out.sync();
  } finally {
    await out.close();
  }
  await rename(fresh, target);
  return target;
}

async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
}

/** It was renamed into place only after it was synced, and nobody else writes there: the size tells. */
async function isWhole(file: string, bytes: number): Promise<boolean> {
  try {
    const info = await lstat(file);
    return info.isFile() && info.size === bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
