/** The `host_self` trait: how near the machine is to its limits. Must not know which program brings it there. */
import { z } from "zod";
import { fileLine, fileText } from "../tools/file-text.ts";
import { percent, usedPercent } from "../tools/percent.ts";
import { defineTrait } from "../trait.ts";

const share = (description: string) => z.number().min(0).max(100).meta({ description });

export const hostSelf = defineTrait({
  name: "host_self",
  summary: "How near the machine is to its limits.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/processes.ts") as typeof import("./darwin/processes.ts")).hostSelf,
    windows: () =>
      (require("./windows/processes.ts") as typeof import("./windows/processes.ts")).hostSelf,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      fd_used_pct: share(
        "Open files, percent of what the kernel allows; 0 on Windows, which has no such limit.",
      ),
      proc_count: z
        .int()
        .min(0)
        .meta({ description: "Processes, kernel threads of Linux counted." }),
      oom_recent: z
        .boolean()
        .meta({ description: "The kernel killed a process for want of memory within an hour." }),
      oom_kills: z.int().min(0).meta({
        description:
          "Processes killed for want of memory since the start; 0 where the system does not count them (macOS, Windows).",
      }),
      oom_at: z
        .string()
        .meta({ description: "When a rise of that was seen last, UTC; empty: never." }),
      fs_root_pct: share("Share of `/` that is used, percent; of the drive that Windows is on."),
    }),
  async collect(host, { previous }) {
    const [fileNr, vmstat, entries, root] = await Promise.all([
      fileLine(host, "/proc/sys/fs/file-nr"),
      fileText(host, "/proc/vmstat"),
      host.list("/proc"),
      host.statfs("/"),
    ]);
    if (vmstat === undefined || entries === undefined) return undefined;
    return {
      fd_used_pct: openFiles(fileNr),
      proc_count: entries.filter((name) => /^\d+$/.test(name)).length,
      ...outOfMemory(vmstat, host.now(), previous),
      fs_root_pct: root === undefined ? 0 : usedPercent(root),
    };
  },
  example: {
    fd_used_pct: 0.4,
    proc_count: 143,
    oom_recent: false,
    oom_kills: 0,
    oom_at: "",
    fs_root_pct: 41.2,
  },
});

/** Taken, free (0 since Linux 2.6), and the limit: proc_sys_fs(5). */
export function openFiles(fileNr: string): number {
  const [taken = 0, free = 0, most = 0] = fileNr.split(/\s+/).map(Number);
  return percent(taken - free, most);
}

const recentMs = 3_600_000;

/** The counter says how many and not when, so a rise since the last look dates it; what was there before that is not recent. */
export function outOfMemory(
  vmstat: string,
  now: Date,
  previous: { readonly oom_kills: number; readonly oom_at: string } | undefined,
) {
  const kills = Number(/^oom_kill (\d+)$/m.exec(vmstat)?.[1] ?? 0);
  const risen = previous !== undefined && kills > previous.oom_kills;
  const at = risen ? now.toISOString() : (previous?.oom_at ?? "");
  const recent = at !== "" && now.getTime() - Date.parse(at) < recentMs;
  return { oom_recent: recent, oom_kills: kills, oom_at: at };
}
