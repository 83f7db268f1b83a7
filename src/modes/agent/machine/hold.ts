/**
 * Entries held open, and names that lead to the very same ones whatever is swapped in their places meanwhile (semantics §9): for
 * system calls of this process, and for commands. Must not know what is done to them.
 */
import fs from "node:fs";
import { VigoError } from "../../../core/errors.ts";
import { hasManyNames } from "../../../core/refused-paths.ts";
import { orFail } from "./failure.ts";
import { mustBelong } from "./look.ts";
import { holdsFolders, nameOnly, type Spot, type Walker } from "./walk.ts";

/** For the entry at a spot; refuses a file of several names. */
export function held(
  spot: Spot,
  path: string,
  work: (address: string, found: fs.Stats) => void,
): void {
  if (!holdsFolders) {
    work(spot.at, owned(spot, fs.lstatSync(spot.at), path));
    return;
  }
  const fd = nameOnly(spot.at);
  try {
    work(`/proc/self/fd/${fd}`, owned(spot, fs.fstatSync(fd), path));
  } finally {
    fs.closeSync(fd);
  }
}

/** Good in child processes too, for as long as the descriptor is open. */
export const nameOf = (fd: number): string => `/proc/${process.pid}/fd/${fd}`;

/** For commands. With `links`, symlinks are held as what they are; else they are refused. */
export async function heldNames<T>(
  walker: Walker,
  paths: readonly string[],
  links: boolean,
  work: (names: readonly string[]) => Promise<T>,
): Promise<T> {
  const fds: number[] = [];
  const named = (path: string, spot: Spot): string => {
    const fd = holdsFolders ? nameOnly(spot.at) : undefined;
    if (fd !== undefined) fds.push(fd);
    const found = owned(spot, fd === undefined ? fs.lstatSync(spot.at) : fs.fstatSync(fd), path);
    if (found.isSymbolicLink() && !links) throw gone(path);
    return fd === undefined ? spot.path : nameOf(fd);
  };
  try {
    return await work(paths.map((path) => inPlace(walker, path, (spot) => named(path, spot))));
  } finally {
    for (const fd of fds) fs.closeSync(fd);
  }
}

function inPlace<T>(walker: Walker, path: string, work: (spot: Spot) => T): T {
  const spot = walker.locate(path, false);
  if (spot === undefined) throw gone(path);
  try {
    return orFail("hold", path, () => work(spot));
  } finally {
    spot.close();
  }
}

function owned(spot: Spot, found: fs.Stats, path: string): fs.Stats {
  mustBelong(spot, found, path);
  if (found.isDirectory() || found.nlink === 1) return found;
  throw hasManyNames(path, found.nlink);
}

export const gone = (path: string): VigoError =>
  new VigoError("failed", `${path} changed while it was being worked on`, {
    hint: "somebody else writes there at the same time; the next run tries again",
  });
