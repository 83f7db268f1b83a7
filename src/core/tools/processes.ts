/**
 * Running processes, from `/proc` (proc_pid_stat(5)). What ends while it is looked at is left out. Must not know why anybody
 * asks.
 */
import type { ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";
import { unlessCode, unlessDenied } from "./refusal.ts";

export interface Process {
  readonly pid: number;
  /** First 15 bytes of its program's name. */
  readonly comm: string;
  /** One letter; Z is a process that has ended and whose parent does not know yet. */
  readonly state: string;
  readonly cpuSeconds: number;
  /** Seconds after the machine started. */
  readonly startedAt: number;
  readonly rssPages: number;
}

/** Nobody has a million of them; a table that long would cost more than it tells. */
const most = 50_000;

export async function pidsOf(host: ReadHost): Promise<readonly string[]> {
  const entries = (await host.list("/proc")) ?? [];
  return entries.filter((name) => /^\d+$/.test(name)).slice(0, most);
}

export async function processes(host: ReadHost): Promise<readonly Process[]> {
  const pids = await pidsOf(host);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await gone(fileText(host, `/proc/${pid}/stat`));
      return stat === undefined ? undefined : parseStat(stat);
    }),
  );
  return found.filter((process) => process !== undefined);
}

/** Undefined for what has ended meanwhile. */
export const gone = <T>(reading: Promise<T>): Promise<T | undefined> =>
  unlessCode(["ESRCH"], reading);

/** USER_HZ, which is 100 on every architecture Linux has for us. */
const ticks = 100;

/** The second field is the program's name, which may hold blanks and brackets: counting starts after the last one. */
export function parseStat(stat: string): Process | undefined {
  const [, pid, comm = ""] = /^(\d+) \((.*)\) /s.exec(stat) ?? [];
  if (pid === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3] ?? 0);
  return {
    pid: Number(pid),
    comm,
    state: fields[0] ?? "",
    cpuSeconds: (field(14) + field(15)) / ticks,
    startedAt: field(22) / ticks,
    rssPages: Math.max(0, field(24)),
  };
}

/**
 * Who holds which of these sockets, by inode; stops as soon as all are found, and asks first those who held some before.
 * Another's descriptors only root may see.
 */
export async function holdersOf(
  host: ReadHost,
  inodes: ReadonlySet<string>,
  before: ReadonlySet<number> = new Set(),
): Promise<ReadonlyMap<string, number>> {
  const holders = new Map<string, number>();
  const pids = await pidsOf(host);
  const likely = pids.filter((pid) => before.has(Number(pid)));
  for (const pid of new Set([...likely, ...pids])) {
    if (holders.size >= inodes.size) break;
    const folder = `/proc/${pid}/fd`;
    const fds = (await unlessDenied(gone(host.list(folder)))) ?? [];
    for (const fd of fds) {
      const found = await unlessDenied(gone(host.stat(`${folder}/${fd}`)));
      const [, inode] = /^socket:\[(\d+)\]$/.exec(found?.target ?? "") ?? [];
      if (inode !== undefined && inodes.has(inode) && !holders.has(inode))
        holders.set(inode, Number(pid));
    }
  }
  return holders;
}

/** A process that has this file open. Another's descriptors only root may see. */
export async function openedBy(host: ReadHost, path: string): Promise<number | undefined> {
  for (const pid of await pidsOf(host)) {
    const folder = `/proc/${pid}/fd`;
    for (const fd of (await unlessDenied(gone(host.list(folder)))) ?? []) {
      const found = await unlessDenied(gone(host.stat(`${folder}/${fd}`)));
      if (found?.target === path) return Number(pid);
    }
  }
  return undefined;
}

/** The program of a process; empty for kernel threads and where it may not be seen. */
export async function executableOf(host: ReadHost, pid: number): Promise<string> {
  const link = await unlessDenied(gone(host.stat(`/proc/${pid}/exe`)));
  return link?.target ?? "";
}
