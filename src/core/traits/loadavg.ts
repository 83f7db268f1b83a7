/** The `loadavg` trait: how many processes want to run, from `/proc/loadavg` (proc_loadavg(5)). Must not know which ones. */
import { z } from "zod";
import { countCpus } from "../tools/cpu-list.ts";
import { fileLine } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

const load = (description: string) => z.number().min(0).meta({ description });

export const loadavg = defineTrait({
  name: "loadavg",
  summary: "How many processes run or wait to run.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/memory.ts") as typeof import("./darwin/memory.ts")).loadavg,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      one: load("Mean over the last minute."),
      five: load("Mean over the last five minutes."),
      fifteen: load("Mean over the last fifteen minutes."),
      per_cpu_one: load("Mean over the last minute, for each processor that is online."),
    }),
  async collect(host) {
    const [text, online] = await Promise.all([
      fileLine(host, "/proc/loadavg"),
      fileLine(host, "/sys/devices/system/cpu/online"),
    ]);
    return parseLoadavg(text, Math.max(1, countCpus(online)));
  },
  example: { one: 0.42, five: 0.36, fifteen: 0.31, per_cpu_one: 0.21 },
});

export function parseLoadavg(text: string, cpus: number) {
  const [one, five, fifteen] = text.split(" ").map(Number);
  if (one === undefined || five === undefined || fifteen === undefined) return undefined;
  return { one, five, fifteen, per_cpu_one: Math.round((one / cpus) * 100) / 100 };
}
