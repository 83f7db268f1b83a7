/** Who holds the lock of a publish: a process id is given out again, with its start it is not. Must not know what is locked. */
import { errno } from "./errno.ts";
import type { Holder } from "./lock.ts";

/** `read`: `readFileSync` with an encoding. */
export function holderOfThisProcess(read: (path: string) => string): Holder {
  /** Field 22 of /proc/PID/stat, in ticks since boot (proc_pid_stat(5)); `?` where there is no such file. */
  const startOf = (pid: number): string => {
    try {
      const stat = read(`/proc/${pid}/stat`);
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "?";
    } catch (error) {
      if (["ENOENT", "ESRCH"].includes(errno(error) ?? "")) return "?";
      throw error;
    }
  };
  return {
    self: `${process.pid} ${startOf(process.pid)}`,
    isAlive(holder) {
      const [pid, start] = holder.split(" ");
      return isRunning(Number(pid)) && startOf(Number(pid)) === start;
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (errno(error) === "ESRCH") return false;
    if (errno(error) === "EPERM") return true;
    throw error;
  }
}
