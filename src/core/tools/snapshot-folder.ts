/**
 * Dated copies of a folder through rsync(1): what has not changed since the last one is the same file, by a hard link. A copy that is not
 * finished has another name. Must not know when one is due.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";

/** `2026-01-31T093000Z` */
const dated = /^(\d{4}-\d{2}-\d{2}T)(\d{2})(\d{2})(\d{2})Z$/;
const unfinished = ".unfinished";
const hour = 3_600_000;

export interface Snapshot {
  readonly name: string;
  readonly at: Date;
}

/** The oldest first. What else is in the folder is somebody's. */
export async function snapshotsIn(host: ReadHost, folder: string): Promise<readonly Snapshot[]> {
  const names = ((await host.list(folder)) ?? []).filter((name) => dated.test(name)).sort();
  return names.map((name) => ({ name, at: new Date(name.replace(dated, "$1$2:$3:$4Z")) }));
}

export const nameAt = (at: Date): string =>
  at
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/(\d{2}):(\d{2}):(\d{2})Z$/, "$1$2$3Z");

/** Codes of rsync for files that went while it copied, which is nothing wrong. */
const vanished = 24;

export interface Copy {
  readonly source: string;
  readonly folder: string;
  readonly exclude: readonly string[];
  readonly former: Snapshot | undefined;
}

/** Goes on with what an interrupted run has left. */
export async function copyTo(host: Host, copy: Copy, name: string): Promise<void> {
  const { source, folder, exclude, former } = copy;
  const partial = `${folder}/${unfinished}`;
  await unlinkShared(host, partial);
  const argv = [
    ...["rsync", "-aHAX", "--numeric-ids", "--one-file-system", "--delete", "--delete-excluded"],
    ...exclude.map((pattern) => `--exclude=${pattern}`),
    // Times to the nanosecond: what changed twice within a second is another file.
    ...(former === undefined ? [] : ["--modify-window=-1", `--link-dest=${folder}/${former.name}`]),
    ...[`${source.replace(/\/+$/, "")}/`, `${partial}/`],
  ];
  const { code, stderr } = await host.run({ argv, timeoutMs: 24 * hour });
  if (code === 127)
    throw new VigoError("failed", "there is no rsync", {
      hint: "declare the package rsync, and depend on it",
    });
  if (code !== 0 && code !== vanished)
    throw new VigoError(
      "failed",
      `rsync: exit ${code}: ${stderr.trim().split("\n").at(-1) ?? ""}`,
      {
        hint: "what was copied is kept, and the next run goes on with it",
      },
    );
  await host.rename(partial, `${folder}/${name}`);
}

/** Owner, mode and times of a file that is there are set in place: where it is a name of the former copy's too, that one would change. */
async function unlinkShared(host: Host, partial: string): Promise<void> {
  if ((await host.stat(partial)) === undefined) return;
  const argv = ["find", partial, "-xdev", "!", "-type", "d", "-links", "+1", "-delete"];
  await mustSucceed("find -delete", host.run({ argv, timeoutMs: 24 * hour }));
}

/** Under the name of what is not finished: what is half gone must not look whole. */
export async function removeSnapshot(host: Host, folder: string, name: string): Promise<void> {
  await removeUnfinished(host, folder);
  await host.rename(`${folder}/${name}`, `${folder}/${unfinished}`);
  await removeUnfinished(host, folder);
}

export const removeUnfinished = (host: Host, folder: string): Promise<void> =>
  host.remove(`${folder}/${unfinished}`, { recursive: true });
