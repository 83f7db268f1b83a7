/** Memory of a living process, from `/proc/PID/smaps_rollup` (proc_pid_smaps(5)), MiB. */
import { readFile } from "node:fs/promises";

export async function memoryOf(
  pid: number,
): Promise<{ readonly anonymous: number; readonly resident: number }> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1]) / 1024;
  return { anonymous: mib("Anonymous"), resident: mib("Rss") };
}
