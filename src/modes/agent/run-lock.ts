/**
 * One agent a home: whoever converges holds the lock. A symlink that points to its holder's name is made whole or not at all, and
 * a holder that died is found out. Must not know what is done under it.
 */
import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { VigoError } from "../../core/errors.ts";
import { errno } from "../../core/publish/errno.ts";
import { isAlive, processName } from "./process-name.ts";

export interface RunLock {
  release(): void;
}

/** Throws `conflict`, naming who holds it. */
export function takeLock(path: string): RunLock {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const self = processName();
  for (let tries = 0; !create(path, self); tries++) {
    const holder = holderOf(path);
    if (holder !== undefined && isAlive(holder)) throw held(holder);
    if (holder !== undefined) moveAway(path, holder);
    if (tries > 10) throw held("unknown");
  }
  return {
    release: () => {
      if (holderOf(path) === self) rmSync(path, { force: true });
    },
  };
}

function create(path: string, self: string): boolean {
  try {
    symlinkSync(self, path);
    return true;
  } catch (error) {
    if (errno(error) === "EEXIST") return false;
    throw error;
  }
}

/** Undefined: nobody, by now. */
export function holderOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Only one of several can rename a dead one's lock; who moved a living one's by mistake puts it back. */
function moveAway(path: string, dead: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errno(error) === "ENOENT") return;
    throw error;
  }
  if (readlinkSync(aside) === dead) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

const held = (holder: string) =>
  new VigoError("conflict", `another run is going on (process ${holder.split(" ")[0]})`, {
    hint: "wait for it to end; one home has one run at a time",
  });
