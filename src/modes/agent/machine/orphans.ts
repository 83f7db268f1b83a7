/**
 * What was left running when an agent ended: a process, found again by its number and start; a task's group of processes, found so by
 * its leader, or by a mark in the environment, and stopped. Linux alone tells; elsewhere nobody can say. Must not know orders, nor records.
 */
import { readdirSync, readFileSync } from "node:fs";
import { hasCode } from "./failure.ts";
import { stop } from "./process.ts";

/** A process that no other is taken for: numbers are given again. */
export interface ProcessMark {
  readonly pid: number;
  /** In clock ticks since the boot (proc_pid_stat(5), field 22). */
  readonly start: string;
  readonly boot: string;
}

interface Seen {
  readonly pid: number;
  readonly group: number;
  readonly start: string;
}

/** The variable that all processes of a task inherit. */
export const taskVariable = "VIGO_TASK_ID";

/** Undefined: it is gone already, or this is not Linux. */
export function markOf(pid: number): ProcessMark | undefined {
  const [seen, boot] = [see(pid), bootId()];
  return seen === undefined || boot === undefined ? undefined : { pid, start: seen.start, boot };
}

/** Is it still at work? */
export const isThere = ({ pid, start, boot }: ProcessMark): boolean =>
  boot === bootId() && see(pid)?.start === start;

/**
 * How many processes were found, and stopped; undefined: this machine does not tell. Without a mark of its leader, a task's are those
 * that bear its id. `tells`: there is a `/proc` as on Linux.
 */
export async function stopLeft(
  taskId: string,
  mark: ProcessMark | undefined,
  tells: boolean = bootId() !== undefined,
): Promise<number | undefined> {
  if (!tells) return undefined;
  const left = leftOf(taskId, mark);
  const groups = new Set(left.map(({ group }) => group));
  await Promise.all([...groups].map((pid) => stop({ pid })));
  return left.length;
}

function leftOf(taskId: string, mark: ProcessMark | undefined): readonly Seen[] {
  if (mark !== undefined && mark.boot !== bootId()) return [];
  const own = see(process.pid)?.group;
  const all = numbers()
    .flatMap((pid) => see(pid) ?? [])
    .filter(({ group }) => group > 1 && group !== own);
  const leader = all.find(({ pid }) => pid === mark?.pid);
  if (leader !== undefined && leader.start === mark?.start)
    return all.filter(({ group }) => group === leader.pid);
  return all.filter(
    ({ pid, group }) => (mark === undefined || group === mark.pid) && bears(pid, taskId),
  );
}

const numbers = (): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** One that is dead and not yet waited for is none. */
function see(pid: number): Seen | undefined {
  const text = readOf(`/proc/${pid}/stat`);
  // The name is in brackets, and may hold any of them.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  const [state, group = "", start] = [fields[0], fields[2], fields[19]];
  if (state === undefined || "ZX".includes(state) || start === undefined) return undefined;
  return { pid, group: Number(group), start };
}

const bears = (pid: number, taskId: string): boolean =>
  readOf(`/proc/${pid}/environ`)?.split("\0").includes(`${taskVariable}=${taskId}`) === true;

const bootId = (): string | undefined => readOf("/proc/sys/kernel/random/boot_id")?.trim();

/** Undefined for what is gone, or not ours to read. */
function readOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}
