/** Puts checked stacks into force on this host. Must not know how they were checked, nor how it is told. */
import files from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { VigoError } from "../../core/errors.ts";
import type { Tree } from "../../core/policy/model.ts";
import { liveVersion, readManifest, soundLive } from "../../core/publish/live.ts";
import { publishTree } from "../../core/publish/publish.ts";
import { asOwner } from "./as-owner.ts";
import { thisProcess } from "./holder.ts";
import { readIfThere } from "./login-file.ts";
import { baseOf, gitCommit, hasBase, rememberBase } from "./origin.ts";
import type { Staging } from "./staging.ts";

export type PublishOutcome =
  | { readonly outcome: "published"; readonly version: number; readonly digest: string }
  | { readonly outcome: "unchanged"; readonly version: number };

export interface Publishing {
  readonly home: string;
  /** Where the tree was read. */
  readonly folder: string;
  readonly tree: Tree;
  readonly message: string;
  readonly keep: number;
  readonly replace: boolean;
  /** Why, in a freeze. */
  readonly force?: string | undefined;
  readonly staging: Staging;
}

export async function publishStacks(wanted: Publishing): Promise<PublishOutcome> {
  const { home, folder, tree, message, keep, replace, force, staging } = wanted;
  const before = await inHome(home, async () => {
    const live = await liveVersion(files, home);
    const { damage } = await soundLive(files, home);
    // One that nobody can read any more has no content that these stacks could have been made from.
    return live && damage === undefined ? readManifest(files, home, live) : undefined;
  });
  // The folder may be one that only root may look into.
  const [commit, base] = [gitCommit(folder), await baseOf(folder, before)];
  const publication = {
    tree,
    message,
    keep,
    replace,
    ...staging,
    actor: await actor(),
    source: `${hostname()}:${folder}`,
    now: new Date(),
    ...(commit === undefined ? {} : { gitCommit: commit }),
    ...(base === undefined ? {} : { base }),
    ...(force === undefined ? {} : { force }),
  };
  const done = await inHome(home, () => publishTree(files, home, publication, thisProcess));
  if (done.kind === "unchanged") return { outcome: "unchanged", version: done.version };
  const { version, digest } = done.manifest;
  if (await hasBase(folder)) await rememberBase(folder, digest);
  return { outcome: "published", version, digest };
}

/** Does something in the home of this host's server, as its owner. Rejects with `missing` or `denied` when it is not there or not ours. */
export async function inHome<T>(home: string, work: () => Promise<T>): Promise<T> {
  await mustBeHome(home);
  try {
    return await asOwner(home, work);
  } catch (error) {
    throw isRefusal(error) ? notOurs(home, error) : error;
  }
}

async function mustBeHome(home: string): Promise<void> {
  try {
    await files.stat(home);
  } catch (error) {
    if (isRefusal(error)) throw notOurs(home, error);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new VigoError("missing", `there is no server's home ${home}`, {
      hint: "--home says where it is, --server publishes to one elsewhere; `vigo server init` makes one",
      cause: error,
    });
  }
}

const isRefusal = (error: unknown): boolean =>
  ["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "");

const notOurs = (home: string, cause: unknown) =>
  new VigoError("denied", `this user may not publish into ${home}`, {
    hint:
      process.getuid?.() === 0
        ? `not all of it belongs to its owner: chown -hR --reference=${home} ${home}/versions`
        : "publish as root or as the user that runs the server",
    cause,
  });

/** The OS user, and behind sudo who that was. By number: the environment may say anything, or nothing in a service. */
export async function actor(): Promise<string> {
  const uid = process.getuid?.();
  const name = uid === undefined ? userInfo().username : ((await nameOf(uid)) ?? `uid ${uid}`);
  const asked = uid === 0 ? process.env["SUDO_USER"] : undefined;
  return asked === undefined || asked === name ? name : `${asked} (as ${name})`;
}

async function nameOf(uid: number): Promise<string | undefined> {
  const passwd = await readIfThere("/etc/passwd");
  const lines = passwd?.split("\n").map((line) => line.split(":"));
  return lines?.find(([, , number]) => number === String(uid))?.[0];
}
