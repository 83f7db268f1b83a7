/**
 * Locks of package managers that others hold: who it is, said while it is waited for. Must not know managers.
 */
import { Unforeseen, VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { fileLine, fileText } from "./file-text.ts";
import { openedBy } from "./processes.ts";

/** Says whom the manager that is about to run will wait for by itself. */
export async function tellWaiting(
  host: Host,
  locks: readonly string[],
  seconds: number,
): Promise<void> {
  const holder = await holderOf(host, locks);
  if (holder !== undefined) host.tell?.(`waiting up to ${seconds} s for ${holder}`);
}

/** For a manager that gives up at once: waits until nobody has these. Who has them still is then told by the manager. */
export async function waitForHolders(
  host: Host,
  locks: readonly string[],
  seconds: number,
): Promise<void> {
  await tellWaiting(host, locks, seconds);
  for (let waited = 0; waited < seconds; waited += 1) {
    if ((await holderOf(host, locks)) === undefined) return;
    await aSecond(host);
  }
}

/** A dry run waits for nobody. */
const aSecond = (host: ReadHost) =>
  host.query({
    argv: ["sleep", "1"],
    foreseen: async () => {
      throw new Unforeseen("others have what it needs: the run would wait for them");
    },
  });

/** Looks, a second apart, at which nobody had it open: then who made it was killed. */
const looks = 3;

/**
 * The same where a lock is there as long as somebody has it, and holds it open: waits until it is gone. One that nobody holds
 * any more is taken away: it would stand in the way for ever.
 */
export async function waitForLock(host: Host, lock: string, seconds: number): Promise<void> {
  let alone = 0;
  for (let second = 0; (await host.stat(lock)) !== undefined; second += 1) {
    const pid = await openedBy(host, lock);
    alone = pid === undefined ? alone + 1 : 0;
    if (alone === looks) return await takeAway(host, lock);
    if (second === 0 && pid !== undefined)
      host.tell?.(`waiting up to ${seconds} s for ${await named(host, `${pid}`, lock)}`);
    if (second >= seconds && pid !== undefined)
      throw new VigoError("unavailable", `${lock} is still held after ${seconds} s`, {
        hint: `the next run tries again; see what ${await named(host, `${pid}`, lock)} does`,
      });
    await aSecond(host);
  }
}

async function takeAway(host: Host, lock: string): Promise<void> {
  host.tell?.(`${lock} was left by somebody who was killed: it is taken away`);
  await host.remove(lock, { snapshot: false });
}

/** `unattended-upgr (process 7), which holds /var/lib/dpkg/lock-frontend`. */
async function holderOf(host: ReadHost, locks: readonly string[]): Promise<string | undefined> {
  for (const lock of locks) {
    const pid = await processOf(host, lock);
    if (pid === undefined) continue;
    if ((await fileLine(host, `/proc/${pid}/comm`)) !== "") return await named(host, pid, lock);
  }
  return undefined;
}

const named = async (host: ReadHost, pid: string, lock: string): Promise<string> =>
  `${await fileLine(host, `/proc/${pid}/comm`)} (process ${pid}), which holds ${lock}`;

/** A lock is a file with the id of a process in it, or one that a process has locked, as the kernel tells. */
async function processOf(host: ReadHost, lock: string): Promise<string | undefined> {
  const found = await host.stat(lock);
  if (found === undefined) return undefined;
  if (lock.endsWith(".pid")) return /^\d+/.exec(await fileLine(host, lock))?.[0];
  const inode = found.inode?.split(":").at(-1);
  return inode && lockHolder((await fileText(host, "/proc/locks")) ?? "", inode);
}

/** proc_locks(5): `1: POSIX  ADVISORY  WRITE 4711 00:2b:99 0 EOF`. */
export const lockHolder = (text: string, inode: string): string | undefined =>
  text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, , , kind, , file = ""]) => kind === "WRITE" && file.split(":")[2] === inode)?.[4];
