/**
 * What is in a folder, however deep: through no symlink and into no other file system; and a folder with those above it. Must not know
 * what it is asked for.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";

export interface Entry {
  /** Relative to the folder it was looked for in. */
  readonly name: string;
  readonly path: string;
  readonly stat: Stat;
}

const most = 100_000;

/** A folder before what is in it. `enter` decides which folders are looked into. Nothing when there is no such folder. */
export async function entriesBelow(
  host: ReadHost,
  root: string,
  enter: (entry: Entry) => boolean,
): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  const device = deviceOf(await host.stat(root, { follow: true }));
  const waiting: string[] = [""];
  for (let inside = waiting.pop(); inside !== undefined; inside = waiting.pop()) {
    for (const entry of await entriesIn(host, root, inside)) {
      found.push(entry);
      const isFolder = entry.stat.kind === "directory" && deviceOf(entry.stat) === device;
      if (isFolder && enter(entry)) waiting.push(`${entry.name}/`);
    }
    if (found.length > most)
      throw new VigoError("limited", `${root} has more than ${most} entries below it`, {
        hint: "leave out recurse, or declare its folders one by one",
      });
  }
  return found;
}

async function entriesIn(host: ReadHost, root: string, inside: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const name of (await host.list(`${root}/${inside}`.replace(/\/$/, ""))) ?? []) {
    const path = `${root}/${inside}${name}`;
    const stat = await host.stat(path);
    if (stat !== undefined) entries.push({ name: `${inside}${name}`, path, stat });
  }
  return entries;
}

/** With those above it that are missing. */
export async function makeFolders(host: Host, path: string): Promise<void> {
  if ((await host.stat(path, { follow: true })) !== undefined) return;
  const above = path.slice(0, path.lastIndexOf("/"));
  if (above !== "") await makeFolders(host, above);
  await host.mkdir(path, { mode: 0o755 });
}

const deviceOf = (stat: Stat | undefined) => stat?.inode?.split(":")[0];
