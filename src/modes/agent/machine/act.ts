/**
 * The acts on the file tree besides writing: folders, links, names, owners, modes. Must not know why, nor what is managed.
 * Whatever is changed is held open first, so that it is what was looked at.
 */
import fs from "node:fs";
import { VigoError } from "../../../core/errors.ts";
import { folderMissing, notForLinks } from "../../../core/refused-paths.ts";
import { hasCode, isAbsence, orFail } from "./failure.ts";
import { gone, held } from "./hold.ts";
import { openFile, openFolder } from "./look.ts";
import { holdsFolders, type Spot, type Walker } from "./walk.ts";
import { flushFolder, removeDrafts } from "./write.ts";

/** The spot of an entry that may be made: its folder must be there. */
export function spotFor(walker: Walker, what: string, path: string, follow: boolean): Spot {
  const spot = walker.locate(path, follow);
  if (spot !== undefined) return spot;
  throw folderMissing(what, path);
}

function on<T>(walker: Walker, what: string, path: string, follow: boolean, work: (s: Spot) => T) {
  const spot = spotFor(walker, what, path, follow);
  try {
    return orFail(what, path, () => work(spot));
  } finally {
    spot.close();
  }
}

interface Made {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export const mkdir = (walker: Walker, path: string, { mode = 0o755, uid, gid }: Made) =>
  on(walker, "make the folder", path, false, (spot) => {
    fs.mkdirSync(spot.at, 0o700);
    const folder = openFolder(spot, path);
    if (folder === undefined) throw gone(path);
    try {
      if (folder.found.uid !== process.geteuid?.()) throw gone(path);
      if (uid !== undefined || gid !== undefined)
        fs.fchownSync(folder.fd, uid ?? folder.found.uid, gid ?? folder.found.gid);
      fs.fchmodSync(folder.fd, mode);
    } finally {
      folder.close();
    }
    flushFolder(spot.folder.address);
  });

export const symlink = (walker: Walker, path: string, target: string) =>
  on(walker, "make the symlink", path, false, (spot) => {
    fs.symlinkSync(target, spot.at);
    flushFolder(spot.folder.address);
  });

/** A hard link gives a file a second name: only to what would be safe to write. */
export const link = (walker: Walker, path: string, existing: string) =>
  on(walker, "make the hard link", path, false, (spot) =>
    on(walker, "link to", existing, false, (from) => {
      if (!fs.lstatSync(from.at).isFile()) throw notForLinks(existing);
      fs.linkSync(from.at, spot.at);
      flushFolder(spot.folder.address);
    }),
  );

export const rename = (walker: Walker, from: string, to: string) =>
  on(walker, "rename", from, false, (source) =>
    on(walker, "rename to", to, false, (target) => {
      fs.renameSync(source.at, target.at);
      flushFolder(source.folder.address);
      flushFolder(target.folder.address);
    }),
  );

export const chmod = (walker: Walker, path: string, mode: number) =>
  on(walker, "change the mode of", path, true, (spot) =>
    held(spot, path, (address, found) => {
      if (found.isSymbolicLink()) throw gone(path);
      fs.chmodSync(address, mode);
    }),
  );

/** With `link`, of a symlink itself. */
export const chown = (walker: Walker, path: string, uid: number, gid: number, isLink: boolean) =>
  on(walker, "change the owner of", path, !isLink, (spot) =>
    held(spot, path, (address, found) => {
      if (found.isSymbolicLink() !== isLink) throw gone(path);
      if (isLink && !holdsFolders) fs.lchownSync(address, uid, gid);
      else fs.chownSync(address, uid, gid);
    }),
  );

/** Absent is fine. `keep` gets what a file holds before it is gone; not what is in a folder. */
export function remove(
  walker: Walker,
  path: string,
  recursive: boolean,
  keep: ((fd: number, found: fs.Stats) => void) | undefined,
): void {
  const spot = walker.locate(path, false);
  if (spot === undefined) return;
  try {
    if (keep !== undefined) withFile(spot, path, keep);
    orFail("remove", path, () => removeEntry(spot.at, path, recursive));
    removeDrafts(spot);
    flushFolder(spot.folder.address);
  } finally {
    spot.close();
  }
}

function withFile(spot: Spot, path: string, keep: (fd: number, found: fs.Stats) => void): void {
  if (fs.lstatSync(spot.at, { throwIfNoEntry: false })?.isFile() !== true) return;
  const fd = openFile(spot, path);
  if (fd === undefined) return;
  try {
    keep(fd, fs.fstatSync(fd));
  } finally {
    fs.closeSync(fd);
  }
}

/** Deepest first, through held folders: no symlink is followed and no mount is entered. */
function removeEntry(at: string, path: string, recursive: boolean, device?: number): void {
  try {
    const found = fs.lstatSync(at);
    if (!found.isDirectory()) {
      fs.unlinkSync(at);
      return;
    }
    if (device !== undefined && found.dev !== device) throw mounted(path);
    if (recursive) empty(at, path);
    fs.rmdirSync(at);
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

function empty(at: string, path: string): void {
  const fd = fs.openSync(
    at,
    fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW,
  );
  try {
    const address = holdsFolders ? `/proc/self/fd/${fd}` : at;
    const { dev } = fs.fstatSync(fd);
    for (const name of fs.readdirSync(address))
      removeEntry(`${address}/${name}`, `${path}/${name}`, true, dev);
  } catch (error) {
    if (hasCode(error, "EBUSY")) throw mounted(path);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

const mounted = (path: string) =>
  new VigoError("failed", `cannot remove ${path}: another file system is mounted in it`, {
    hint: "unmount it first, or declare the mount as absent",
  });
