/** The `hardware` trait: processors and memory, from `/proc/cpuinfo`, `/sys` and `/proc/meminfo`. Must not know what runs on it. */
import { z } from "zod";
import { countCpus } from "../tools/cpu-list.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

export const hardware = defineTrait({
  name: "hardware",
  summary: "Processors and memory that the machine has.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/system.ts") as typeof import("./darwin/system.ts")).hardware,
    windows: () =>
      (require("./windows/system.ts") as typeof import("./windows/system.ts")).hardware,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      cpu_count: z
        .int()
        .min(1)
        .meta({ description: "Processors that are online, threads counted." }),
      cpu_model: z.string().meta({
        description: "Name of the processor; empty where the kernel does not say.",
        stable: true,
      }),
      cpu_vendor: z.string().meta({
        description: "Who designed it, as the processor says; empty where the kernel does not say.",
        stable: true,
      }),
      memory_mb: z.int().min(0).meta({ description: "Physical memory the kernel manages, MiB." }),
      architecture_bits: z
        .int()
        .meta({ description: "Width of the architecture, 32 or 64 bits.", stable: true }),
    }),
  async collect(host) {
    const [cpuinfo = "", online, meminfo = ""] = await Promise.all([
      fileText(host, "/proc/cpuinfo"),
      fileLine(host, "/sys/devices/system/cpu/online"),
      fileText(host, "/proc/meminfo"),
    ]);
    const cpu = parseCpuinfo(cpuinfo);
    const kib = Number(/^MemTotal:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0);
    const { count, ...names } = cpu;
    return {
      cpu_count: countCpus(online) || Math.max(count, 1),
      ...names,
      memory_mb: Math.floor(kib / 1024),
      architecture_bits: narrow.has(host.os.arch) ? 32 : 64,
    };
  },
  example: {
    cpu_count: 2,
    cpu_model: "Intel(R) Xeon(R) Processor @ 2.60GHz",
    cpu_vendor: "GenuineIntel",
    memory_mb: 7937,
    architecture_bits: 64,
  },
});

const narrow: ReadonlySet<string> = new Set(["arm", "armhf", "armel", "386", "i386", "ia32"]);

/** x86 names its model and vendor; ARM gives a number of the designer, and boards their own name at the end. */
export function parseCpuinfo(cpuinfo: string) {
  const value = (name: string) =>
    new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)$`, "m").exec(cpuinfo)?.[1]?.trim();
  const implementer = value("CPU implementer");
  return {
    count: [...cpuinfo.matchAll(/^processor[ \t]*:/gm)].length,
    cpu_model: value("model name") ?? value("Model") ?? value("Hardware") ?? "",
    cpu_vendor:
      value("vendor_id") ?? (implementer && (designers[implementer] ?? implementer)) ?? "",
  };
}

/** MIDR_EL1.Implementer in the Arm Architecture Reference Manual. */
const designers: Readonly<Record<string, string>> = {
  "0x41": "ARM",
  "0x42": "Broadcom",
  "0x43": "Cavium",
  "0x46": "Fujitsu",
  "0x48": "HiSilicon",
  "0x4e": "NVIDIA",
  "0x50": "APM",
  "0x51": "Qualcomm",
  "0x53": "Samsung",
  "0x61": "Apple",
  "0x69": "Intel",
  "0xc0": "Ampere",
};
