/** Who holds the lock of a publish: a process id is given out again, with its start it is not. Must not know what is locked. */
import { readFileSync } from "node:fs";
import type { Holder } from "../../core/publish/lock.ts";

export const thisProcess: Holder = {
  self: `${process.pid} ${startOf(process.pid) ?? "?"}`,
  isAlive(holder) {
    const [pid, start] = holder.split(" ");
    return isRunning(Number(pid)) && (startOf(Number(pid)) ?? "?") === start;
  },
};

/** Field 22 of /proc/PID/stat, in ticks since boot (proc_pid_stat(5)); undefined where there is no such file. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return false;
    if (code === "EPERM") return true;
    throw error;
  }
}
