/** The `agent_self` trait: what the agent itself costs, from `/proc/self` (proc_pid_stat(5)). Must not know the machine's load. */
import { z } from "zod";
import { fileText } from "../tools/file-text.ts";
import { parseStat } from "../tools/processes.ts";
import { defineTrait } from "../trait.ts";

export const agentSelf = defineTrait({
  name: "agent_self",
  summary: "The agent and what it uses.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/processes.ts") as typeof import("./darwin/processes.ts")).agentSelf,
    windows: () =>
      (require("./windows/processes.ts") as typeof import("./windows/processes.ts")).agentSelf,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      version: z.string().meta({ description: "Version of the agent." }),
      rss_bytes: z.int().min(0).meta({ description: "Memory it holds, bytes." }),
      cpu_seconds: z.number().min(0).meta({ description: "Processor time it has used, seconds." }),
      open_fds: z.int().min(0).meta({ description: "Files and sockets it has open." }),
      uptime_seconds: z.int().min(0).meta({ description: "Since it started, seconds." }),
      run_duration_ms: z.int().min(0).meta({
        description: "Duration of its last run, milliseconds; 0 before the first one has ended.",
      }),
    }),
  async collect(host) {
    if (host.agent === undefined) return undefined;
    const { version, runDurationMs = 0 } = host.agent;
    const [status = "", stat = "", uptime = "", fds = []] = await Promise.all([
      fileText(host, "/proc/self/status"),
      fileText(host, "/proc/self/stat"),
      fileText(host, "/proc/uptime"),
      host.list("/proc/self/fd"),
    ]);
    const { cpuSeconds, startedAt } = parseStat(stat) ?? { cpuSeconds: 0, startedAt: 0 };
    return {
      version,
      rss_bytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
      cpu_seconds: cpuSeconds,
      open_fds: fds.length,
      uptime_seconds: Math.max(0, Math.floor(Number.parseFloat(uptime || "0") - startedAt)),
      run_duration_ms: Math.round(runDurationMs),
    };
  },
  example: {
    version: "0.1.0",
    rss_bytes: 67_108_864,
    cpu_seconds: 1.25,
    open_fds: 24,
    uptime_seconds: 3600,
    run_duration_ms: 85,
  },
});
