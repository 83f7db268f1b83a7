/** What macOS has of memory and how much is wanted: `memory`, `swap`, `loadavg`; from sysctl(8) and vm_stat(1). Must not know by whom. */
import type { ReadHost } from "../../host.ts";
import { kernelOf } from "../../tools/mac-kernel.ts";
import { type Asking, printed } from "../../tools/once.ts";

const mebi = 1024 * 1024;

export async function memory(host: ReadHost, asking: Asking) {
  const [kernel, stat] = await Promise.all([
    kernelOf(host, asking),
    printed(host, asking, ["vm_stat"]),
  ]);
  const total = Number(kernel("hw.memsize"));
  const available = availableBytes(stat);
  if (!(total > 0) || available === undefined) return undefined;
  return {
    total_mb: Math.floor(total / mebi),
    available_mb: Math.floor(available / mebi),
    used_pct: Math.max(0, Math.round((1 - available / total) * 1000) / 10),
  };
}

/** Free pages, those read ahead, and those that hold nothing anybody has used for long. The first line tells the size of one. */
export function availableBytes(stat: string): number | undefined {
  const size = Number(/page size of (\d+) bytes/.exec(stat)?.[1]);
  const pages = (name: string) =>
    Number(new RegExp(`^Pages ${name}:\\s+(\\d+)\\.`, "m").exec(stat)?.[1]);
  const sum = pages("free") + pages("inactive") + (pages("speculative") || 0);
  return Number.isNaN(sum * size) ? undefined : sum * size;
}

/** Files that come and go as they are needed, `/System/Volumes/VM/swapfile0` and on: they are not told one by one. */
export async function swap(host: ReadHost, asking: Asking) {
  const told = parseSwapUsage((await kernelOf(host, asking))("vm.swapusage"));
  return told && { ...told, devices: [] };
}

/** `total = 2048.00M  used = 1024.50M  free = 1023.50M  (encrypted)`. */
export function parseSwapUsage(text: string) {
  const [, total, used] = /total = ([\d.]+)M\s+used = ([\d.]+)M/.exec(text) ?? [];
  if (total === undefined) return undefined;
  return { total_mb: Math.floor(Number(total)), used_mb: Math.floor(Number(used)) };
}

/** `{ 1.94 2.02 2.10 }`. */
export async function loadavg(host: ReadHost, asking: Asking) {
  const kernel = await kernelOf(host, asking);
  const [one, five, fifteen] = [...kernel("vm.loadavg").matchAll(/[\d.]+/g)].map(Number);
  if (one === undefined || five === undefined || fifteen === undefined) return undefined;
  const cpus = Math.max(1, Number(kernel("hw.logicalcpu") || 1));
  return { one, five, fifteen, per_cpu_one: Math.round((one / cpus) * 100) / 100 };
}
