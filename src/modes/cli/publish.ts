/** Puts checked stacks into force on this host. Must not know how they were checked, nor how it is told. */
import files from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { VigoError } from "../../core/errors.ts";
import type { Tree } from "../../core/policy/model.ts";
import { publishTree } from "../../core/publish/publish.ts";
import { thisProcess } from "./holder.ts";
import { readIfThere } from "./login-file.ts";

export type PublishOutcome =
  | { readonly outcome: "published"; readonly version: number; readonly digest: string }
  | { readonly outcome: "unchanged"; readonly version: number };

export async function publishStacks({
  home,
  folder,
  tree,
  message,
}: {
  readonly home: string;
  /** Where the tree was read. */
  readonly folder: string;
  readonly tree: Tree;
  readonly message: string;
}): Promise<PublishOutcome> {
  await mustBeHome(home);
  const commit = gitCommit(folder);
  const publication = {
    tree,
    message,
    actor: await actor(),
    source: `${hostname()}:${folder}`,
    now: new Date(),
    ...(commit === undefined ? {} : { gitCommit: commit }),
  };
  try {
    const done = await publishTree(files, home, publication, thisProcess);
    if (done.kind === "unchanged") return { outcome: "unchanged", version: done.version };
    const { version, digest } = done.manifest;
    return { outcome: "published", version, digest };
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
      hint: "--home says where it is; `vigo server init` makes one",
      cause: error,
    });
  }
}

const isRefusal = (error: unknown): boolean =>
  ["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "");

const notOurs = (home: string, cause: unknown) =>
  new VigoError("denied", `this user may not publish into ${home}`, {
    hint: "publish as root or as the user that runs the server",
    cause,
  });

/** The OS user, and behind sudo who that was. By number: the environment may say anything, or nothing in a service. */
async function actor(): Promise<string> {
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

/** Of the work tree the stacks are in; undefined where git or a commit is not. */
function gitCommit(folder: string): string | undefined {
  if (Bun.which("git") === null) return undefined;
  const { success, stdout } = Bun.spawnSync(["git", "-C", folder, "rev-parse", "HEAD"], {
    stderr: "ignore",
    timeout: 5_000,
  });
  return success ? stdout.toString().trim() : undefined;
}
