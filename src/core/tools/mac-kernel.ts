/** What the kernel of macOS says through sysctl(8), asked once for all traits. Must not know what is made of it. */
import type { ReadHost } from "../host.ts";
import { type Asking, printed } from "./once.ts";

/** The last two are not on every Mac: `machdep.cpu.vendor` is Intel's, `kern.hv_vmm_present` is of macOS 11. */
export const kernelNames = [
  "hw.machine",
  "hw.model",
  "hw.memsize",
  "hw.pagesize",
  "hw.logicalcpu",
  "hw.cpu64bit_capable",
  "machdep.cpu.brand_string",
  "kern.hostname",
  "kern.osrelease",
  "kern.boottime",
  "kern.bootsessionuuid",
  "kern.num_files",
  "kern.maxfiles",
  "kern.hv_support",
  "vm.swapusage",
  "vm.loadavg",
  "machdep.cpu.vendor",
  "kern.hv_vmm_present",
] as const;

export type KernelName = (typeof kernelNames)[number];

/** Empty: it has no such value. */
export type Kernel = (name: KernelName) => string;

/** Exit 1 says that it does not know one of the names, and the others are printed all the same. */
export async function kernelOf(host: ReadHost, asking: Asking): Promise<Kernel> {
  const values = parseSysctl(await printed(host, asking, ["sysctl", ...kernelNames], [0, 1]));
  return (name) => values.get(name) ?? "";
}

/** Lines `name: value`. */
export const parseSysctl = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^([\w.]+): ?(.*)$/gm)].map(([, name = "", value = ""]) => [
      name,
      value.trim(),
    ]),
  );
