/** What Windows has of memory: `memory`, `swap`. Must not know who takes it. */
import type { ReadHost } from "../../host.ts";
import { countOf, textOf } from "../../tools/answer.ts";
import type { Asking } from "../../tools/once.ts";
import { percent } from "../../tools/percent.ts";
import { factsOf } from "../../tools/windows-facts.ts";

/** In KiB. */
export async function memory(host: ReadHost, asking: Asking) {
  const [told] = (await factsOf(host, asking, "now"))("memory");
  const total = countOf(told, "TotalVisibleMemorySize");
  const available = countOf(told, "FreePhysicalMemory");
  if (total === 0) return undefined;
  return {
    total_mb: Math.floor(total / 1024),
    available_mb: Math.floor(available / 1024),
    used_pct: percent(total - available, total),
  };
}

/** In MiB. */
export async function swap(host: ReadHost, asking: Asking) {
  const files = (await factsOf(host, asking, "now"))("pagefiles");
  const devices = files.map((file) => ({
    path: textOf(file, "Name"),
    type: "file",
    size_mb: countOf(file, "AllocatedBaseSize"),
    used_mb: countOf(file, "CurrentUsage"),
    priority: 0,
  }));
  const sum = (field: "size_mb" | "used_mb") =>
    devices.reduce((total, device) => total + device[field], 0);
  return { total_mb: sum("size_mb"), used_mb: sum("used_mb"), devices };
}
