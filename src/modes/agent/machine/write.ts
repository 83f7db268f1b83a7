/**
 * Replaces a file as a whole: a new file beside it, 0600 and ours until it is finished, proven by its validator, flushed,
 * renamed over, its folder flushed. A power cut leaves the old file or the new one. Must not know what is written, nor why.
 */
import fs from "node:fs";
import { headOf } from "../../../core/text/cut.ts";
import { draftName } from "../../../core/text/draft-name.ts";
import { VigoError } from "../../../core/errors.ts";
import { hasManyNames } from "../../../core/refused-paths.ts";
import type { Command, CommandResult, WriteOptions } from "../../../core/host.ts";
import { labelByPolicy, labelNew } from "./context.ts";
import { failed, hasCode, orFail, unlessAbsent } from "./failure.ts";
import { nameOf } from "./hold.ts";
import { mustBelong } from "./look.ts";
import { keep } from "./snapshots.ts";
import type { Spot } from "./walk.ts";

const { O_CREAT, O_EXCL, O_WRONLY, O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = fs.constants;

export type Content = Uint8Array | ReadableStream<Uint8Array>;

export interface Surroundings {
  /** Where former contents are kept; none when left out. */
  readonly snapshots: string | undefined;
  now(): Date;
  run(command: Command): Promise<CommandResult>;
}

/** Writes to a spot, which the caller has followed and closes. */
export async function replaceFile(
  spot: Spot,
  content: Content,
  options: WriteOptions,
  around: Surroundings,
): Promise<void> {
  const old = former(spot, options, around);
  const fresh = freshBeside(spot, options.validate !== undefined);
  try {
    await fill(fresh, content, spot.path);
    orFail("set owner and mode of", spot.path, () => finish(fresh.fd, old, options));
    await labelNew(around.run, nameOf(fresh.fd), spot, options.context);
    if (options.validate !== undefined) await prove(fresh.path, options.validate, spot, around);
    orFail("write", spot.path, () => {
      fs.fsyncSync(fresh.fd);
      fs.renameSync(fresh.at, spot.at);
    });
  } catch (error) {
    fs.rmSync(fresh.at, { force: true });
    throw error;
  } finally {
    fs.closeSync(fresh.fd);
  }
  flushFolder(spot.folder.address);
  if (old === undefined && options.context === undefined)
    await labelByPolicy(around.run, spot.path);
}

/** What is there now, kept as a snapshot; refuses whatever is no file of its own. */
function former(spot: Spot, options: WriteOptions, around: Surroundings): fs.Stats | undefined {
  const there = unlessAbsent("look at", spot.path, () => fs.lstatSync(spot.at));
  if (there === undefined) return undefined;
  mustBeOwn(there, spot.path);
  if (options.snapshot === false || around.snapshots === undefined) {
    mustBelong(spot, there, spot.path);
    return there;
  }
  const fd = orFail("read", spot.path, () =>
    fs.openSync(spot.at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
  );
  try {
    const found = fs.fstatSync(fd);
    mustBeOwn(found, spot.path);
    mustBelong(spot, found, spot.path);
    keep(around.snapshots, spot.path, fd, found, around.now());
    return found;
  } finally {
    fs.closeSync(fd);
  }
}

/** A regular file with one name. */
export function mustBeOwn(found: fs.Stats, path: string): void {
  if (found.isFile() && found.nlink === 1) return;
  if (found.isFile()) throw hasManyNames(path, found.nlink);
  const what = found.isSymbolicLink() ? "a symlink" : found.isDirectory() ? "a folder" : "a device";
  throw new VigoError("failed", `cannot write ${path}: it is ${what}`, {
    hint: "remove it or choose another path",
  });
}

interface Fresh {
  readonly fd: number;
  readonly at: string;
  /** For child processes. */
  readonly path: string;
}

/** What a killed run left behind is taken away. */
function freshBeside(spot: Spot, isProven: boolean): Fresh {
  const { folder, name, path } = spot;
  const short = draftName(name, isProven);
  removeDraft(spot, draftName(name, !isProven));
  const at = `${folder.address === "/" ? "" : folder.address}/${short}`;
  const create = () => fs.openSync(at, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    return { fd: create(), at, path: `${folder.path === "/" ? "" : folder.path}/${short}` };
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw failed(error, "write", path);
  }
  return orFail("write", path, () => {
    fs.unlinkSync(at);
    return { fd: create(), at, path: `${folder.path}/${short}` };
  });
}

async function fill({ fd }: Fresh, content: Content, path: string): Promise<void> {
  if (content instanceof Uint8Array)
    return orFail("write", path, () => fs.writeFileSync(fd, content));
  for await (const part of content)
    orFail("write", path, () => {
      for (let done = 0; done < part.length;) done += fs.writeSync(fd, part, done);
    });
}

/** Owner first: changing it takes away set-id bits. */
function finish(fd: number, old: fs.Stats | undefined, options: WriteOptions): void {
  const made = fs.fstatSync(fd);
  const uid = options.uid ?? old?.uid ?? made.uid;
  const gid = options.gid ?? old?.gid ?? made.gid;
  if (uid !== made.uid || gid !== made.gid) fs.fchownSync(fd, uid, gid);
  fs.fchmodSync(fd, options.mode ?? (old === undefined ? 0o600 : old.mode & 0o7777));
}

async function prove(fresh: string, validate: string, spot: Spot, around: Surroundings) {
  const shell = validate.replaceAll("%", () => quoted(fresh));
  const { code, stdout, stderr } = await around.run({ argv: { shell } });
  if (code === 0) return;
  // Its draft is gone when this is read.
  const said = headOf((stderr.trim() || stdout.trim()).replaceAll(fresh, spot.path), 2000);
  const title = ownTitle.exec(validate)?.[1];
  const shown = title ?? `${validate}: exit ${code}`;
  throw new VigoError(
    "failed",
    `${spot.path} was left as it is: its new content is not valid: ${shown}${said === "" ? "" : `: ${said}`}`,
    {
      hint: title === undefined ? "mend the content, or the validate command" : "mend the content",
    },
  );
}

/** A comment at the end, by which a longer shell text says what it is. */
const ownTitle = /\s# (\S[^'"#]*)$/;

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** Files of this account alone: others may name theirs as they like. */
function removeDraft({ folder, path }: Spot, draft: string): void {
  const at = `${folder.address === "/" ? "" : folder.address}/${draft}`;
  const found = unlessAbsent("look at", path, () => fs.lstatSync(at));
  if (found?.isDirectory() === false && found.uid === process.geteuid?.())
    fs.rmSync(at, { force: true });
}

/** What a killed run may have left of a file that is no more. */
export function removeDrafts(spot: Spot): void {
  for (const isProven of [true, false]) removeDraft(spot, draftName(spot.name, isProven));
}

/** The new name survives a power cut once its folder is flushed. */
export function flushFolder(address: string): void {
  const fd = orFail("flush", address, () => fs.openSync(address, O_RDONLY | O_DIRECTORY));
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
