/**
 * Commands on the machine that the lab runs on: only those that make and unmake hosts. Synchronous, because clearing up must
 * work while a process is ending. Must not be used for anything that belongs inside of a host.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { awakeMs } from "./awake.ts";

const env = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  HOME: "/root",
};

export function outside(...argv: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...argv], { env, stdin: "ignore" });
  if (exitCode === 0) return stdout.toString();
  throw new Error(`${argv.join(" ")}: exit ${exitCode}: ${stderr.toString().trim()}`);
}

/** A process by its id and its start, so that another one that got the same id later is not taken for it. */
export interface ProcessId {
  readonly pid: number;
  readonly started: string;
}

/** Undefined when there is no such process, or nothing of it but its exit code. */
export function processId(pid: number): ProcessId | undefined {
  const stat = fileOf(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  const [state, started] = [fields[0], fields[19]];
  return started === undefined || state === "Z" ? undefined : { pid, started };
}

export const isAlive = ({ pid, started }: ProcessId): boolean =>
  processId(pid)?.started === started;

export function killed(id: ProcessId): void {
  if (isAlive(id)) process.kill(id.pid, "SIGKILL");
}

export const childrenOf = (pid: number): readonly number[] =>
  (fileOf(`/proc/${pid}/task/${pid}/children`) ?? "").trim().split(" ").filter(Boolean).map(Number);

/** True when a process lives in namespaces of its own: what enters it can then not act on this machine. */
export function isInside(pid: number): boolean {
  return ["pid", "mnt", "net", "uts", "ipc"].every((kind) => {
    const [theirs, ours] = [namespace(pid, kind), namespace("self", kind)];
    return theirs !== undefined && theirs !== ours;
  });
}

const namespace = (pid: number | "self", kind: string) =>
  unlessGone(() => readlinkSync(`/proc/${pid}/ns/${kind}`));

const fileOf = (path: string) => unlessGone(() => readFileSync(path, "utf8"));

/** A process may end while it is being looked at. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** Asks until there is an answer. */
export async function eventually<T>(
  what: string,
  limitMs: number,
  ask: () => T | undefined | Promise<T | undefined>,
  everyMs = 50,
): Promise<T> {
  const deadline = awakeMs() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (awakeMs() > deadline) throw new Error(`${what}: not within ${limitMs} ms`, { cause: last });
    await Bun.sleep(everyMs);
  }
}
