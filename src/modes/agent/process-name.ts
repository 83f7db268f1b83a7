/** Tells one process from a later one with the same number. Must not know who asks. */
import { readFileSync } from "node:fs";

/** `PID STARTTIME`; without /proc the start time is left out. */
export const processName = (pid = process.pid): string => `${pid} ${startOf(pid) ?? ""}`.trim();

/** Is the process that had this name still there? */
export function isAlive(name: string): boolean {
  const pid = Number(name.split(" ")[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return !name.includes(" ") || processName(pid) === name;
}

/** Field 22 of `/proc/PID/stat` (proc_pid_stat(5)): ticks since boot. The program's name before it may hold blanks. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
