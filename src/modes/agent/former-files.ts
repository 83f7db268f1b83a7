/**
 * What managed files held before they were overwritten, for the person who wants it back. Must not know how it was kept, but
 * for its shape (machine/snapshots.ts).
 */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VigoError } from "../../core/errors.ts";
import type { Host } from "../../core/host.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { unifiedDiff } from "../../core/text/diff.ts";
import { paths } from "./home.ts";
import type { Snapshot, SnapshotIndex } from "./machine/snapshots.ts";

export interface FormerFile extends Snapshot {
  readonly path: string;
}

interface Found extends FormerFile {
  /** Where its content is. */
  readonly file: string;
}

/** Of all files, or of one; by path, the oldest first. */
export async function formerFiles(home: string, path?: string): Promise<readonly FormerFile[]> {
  return (await found(home, path)).map(({ file: _, ...shown }) => shown);
}

async function found(home: string, path: string | undefined): Promise<readonly Found[]> {
  const folder = paths(home).snapshots;
  const wanted = path === undefined ? undefined : resolve(path);
  const all: Found[] = [];
  for (const key of (await ifThere(readdir(folder))) ?? []) {
    const text = await ifThere(readFile(join(folder, key, "index.json"), "utf8"));
    if (text === undefined) continue;
    const index: SnapshotIndex = JSON.parse(text);
    if (wanted !== undefined && index.path !== wanted) continue;
    for (const snapshot of index.snapshots)
      all.push({ ...snapshot, path: index.path, file: join(folder, key, snapshot.name) });
  }
  return all.sort((a, b) => order(a.path, b.path) || order(a.taken, b.taken));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Text of a unified diff from what the file held then to what it holds now; undefined where that says nothing. */
export async function sinceThen(
  host: Host,
  home: string,
  path: string,
  name: string | undefined,
): Promise<{ readonly then: FormerFile; readonly diff: string | undefined }> {
  const { file, ...then } = await one(home, path, name);
  return { then, diff: unifiedDiff(await readFile(file), await host.read(then.path)) };
}

/** Puts it back with the mode and owner it had; what is there now is kept in turn. */
export async function putBack(
  host: Host,
  home: string,
  path: string,
  name: string | undefined,
): Promise<FormerFile> {
  const { file, ...then } = await one(home, path, name);
  const { mode, uid, gid } = then;
  await host.write(then.path, new Uint8Array(await readFile(file)), { mode, uid, gid });
  return then;
}

/** The newest, or the one whose name begins like this. */
async function one(home: string, path: string, name: string | undefined): Promise<Found> {
  const all = await found(home, path);
  const fitting = name === undefined ? all : all.filter((each) => each.name.startsWith(name));
  const newest = fitting.at(-1);
  if (newest !== undefined) return newest;
  const [what, hint] =
    all.length === 0
      ? [`nothing is kept of ${resolve(path)}`, "vigo agent snapshots list shows what is"]
      : [
          `${name} is none of ${resolve(path)}`,
          `it has ${all.map((each) => each.name).join(", ")}`,
        ];
  throw new VigoError("missing", what, { hint });
}
