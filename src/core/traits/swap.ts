/** The `swap` trait: memory on disk, from `/proc/swaps` and `/proc/meminfo` (proc(5), swapon(8)). Must not know main memory. */
import { z } from "zod";
import { fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

export const swap = defineTrait({
  name: "swap",
  summary: "Swap space and how much of it is used.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/memory.ts") as typeof import("./darwin/memory.ts")).swap,
    windows: () => (require("./windows/memory.ts") as typeof import("./windows/memory.ts")).swap,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      total_mb: z.int().min(0).meta({ description: "All of it, MiB; 0 where there is none." }),
      used_mb: z.int().min(0).meta({ description: "What is used of it, MiB." }),
      devices: z
        .array(
          z.strictObject({
            path: z.string(),
            type: z.string(),
            size_mb: z.int().min(0),
            used_mb: z.int().min(0),
            priority: z.int(),
          }),
        )
        .meta({
          description:
            "Each file or partition: path, type (`partition` or `file`), size and use in MiB, priority. Empty on macOS, whose files come and go.",
        }),
    }),
  async collect(host) {
    const [swaps, meminfo] = await Promise.all([
      fileText(host, "/proc/swaps"),
      fileText(host, "/proc/meminfo"),
    ]);
    if (meminfo === undefined) return undefined;
    return { ...parseTotals(meminfo), devices: parseSwaps(swaps ?? "") };
  },
  example: {
    total_mb: 2047,
    used_mb: 12,
    devices: [{ path: "/swapfile", type: "file", size_mb: 2047, used_mb: 12, priority: -2 }],
  },
});

/** The kernel's own sums, which are also right inside of a container that has a limit. */
export function parseTotals(meminfo: string) {
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? 0);
  const total = kib("SwapTotal");
  const used = Math.max(0, total - kib("SwapFree"));
  return { total_mb: Math.floor(total / 1024), used_mb: Math.floor(used / 1024) };
}

/** Blanks in a path are octal, as in every such table; a swap file that was deleted says so behind its name. */
export const parseSwaps = (swaps: string) =>
  swaps
    .split("\n")
    .slice(1)
    .map((line) => /^(\S+)\s+(\w+)\s+(\d+)\s+(\d+)\s+(-?\d+)$/.exec(line.trim()))
    .filter((row) => row !== null)
    .map(([, path = "", type = "", size, used, priority]) => ({
      path: path.replaceAll("\\040", " "),
      type,
      size_mb: Math.floor(Number(size) / 1024),
      used_mb: Math.floor(Number(used) / 1024),
      priority: Number(priority),
    }));
