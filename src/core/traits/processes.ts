/** The `processes` trait: how many there are, and which take most. Must not know what they are for. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import { gone, type Process, processes as running } from "../tools/processes.ts";
import { shown, topByCpu } from "../tools/top-processes.ts";
import { defineTrait } from "../trait.ts";

export const processes = defineTrait({
  name: "processes",
  summary: "How many processes there are, and which take most.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/processes.ts") as typeof import("./darwin/processes.ts")).processes,
    windows: () =>
      (require("./windows/processes.ts") as typeof import("./windows/processes.ts")).processes,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      count: z.int().min(0).meta({ description: "All of them, kernel threads of Linux counted." }),
      zombies: z.int().min(0).meta({ description: "Ended ones whose parent has not looked." }),
      top_cpu: z
        .array(z.strictObject({ pid: z.int(), name: z.string(), cpu_pct: z.number().min(0) }))
        .meta({
          description: `The ${shown} that took most of a processor since they started, percent of one.`,
        }),
      top_rss: z
        .array(z.strictObject({ pid: z.int(), name: z.string(), rss_mb: z.number().min(0) }))
        .meta({ description: `The ${shown} that hold most memory, MiB.` }),
    }),
  async collect(host) {
    const [found, uptime] = await Promise.all([running(host), fileLine(host, "/proc/uptime")]);
    if (found.length === 0) return undefined;
    const now = Number.parseFloat(uptime || "0");
    return {
      count: found.length,
      zombies: found.filter(({ state }) => state === "Z").length,
      top_cpu: topCpu(found, now),
      top_rss: await topRss(host, found),
    };
  },
  example: {
    count: 143,
    zombies: 0,
    top_cpu: [{ pid: 812, name: "postgres", cpu_pct: 12.5 }],
    top_rss: [{ pid: 812, name: "postgres", rss_mb: 310.4 }],
  },
});

export const topCpu = (found: readonly Process[], now: number) =>
  topByCpu(
    found.map(({ pid, comm, cpuSeconds, startedAt }) => ({
      pid,
      name: comm,
      cpuSeconds,
      ageSeconds: now - startedAt,
    })),
  );

/** Pages are not of one size everywhere, so those at the top are asked in kB. */
async function topRss(host: ReadHost, found: readonly Process[]) {
  const biggest = found
    .filter(({ rssPages }) => rssPages > 0)
    .sort((a, b) => b.rssPages - a.rssPages || a.pid - b.pid)
    .slice(0, shown);
  const told = await Promise.all(
    biggest.map(async ({ pid, comm }) => {
      const status = (await gone(fileText(host, `/proc/${pid}/status`))) ?? "";
      const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
      return { pid, name: comm, rss_mb: Math.round((Number(kib ?? 0) / 1024) * 10) / 10 };
    }),
  );
  return told.filter(({ rss_mb }) => rss_mb > 0);
}
