/** The `uptime` trait: since when the machine runs, from `/proc/uptime` and `/proc/stat`. Must not know the agent's own age. */
import { z } from "zod";
import { fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

export const uptime = defineTrait({
  name: "uptime",
  summary: "How long the machine has been running.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/system.ts") as typeof import("./darwin/system.ts")).uptime,
    windows: () => (require("./windows/system.ts") as typeof import("./windows/system.ts")).uptime,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      seconds: z.int().min(0).meta({ description: "Since the machine started, seconds." }),
      boot_time: z.iso.datetime().meta({ description: "When it started, UTC." }),
    }),
  async collect(host) {
    const seconds = Number(/^\d+/.exec((await fileText(host, "/proc/uptime")) ?? "")?.[0]);
    const started = /^btime (\d+)$/m.exec((await fileText(host, "/proc/stat")) ?? "")?.[1];
    if (Number.isNaN(seconds) || started === undefined) return undefined;
    return { seconds, boot_time: new Date(Number(started) * 1000).toISOString() };
  },
  example: { seconds: 86_400, boot_time: "2026-01-01T00:00:00.000Z" },
});
