/**
 * What macOS is and runs on: `os`, `hardware`, `uptime`, `virtualization`, `hypervisor`; from sw_vers(1), sysctl(8) and ioreg(8).
 * Must not know what is installed.
 */
import type { ReadHost } from "../../host.ts";
import { kernelOf } from "../../tools/mac-kernel.ts";
import { platformExpert } from "../../tools/mac-registry.ts";
import { type Asking, printed } from "../../tools/once.ts";
import { guestOf, machineOf } from "../../tools/virtualization.ts";

export async function os(host: ReadHost, asking: Asking) {
  const [versions, kernel, expert] = await Promise.all([
    printed(host, asking, ["sw_vers"]),
    kernelOf(host, asking),
    platformExpert(host, asking),
  ]);
  const told = parseSwVers(versions);
  const { family, init, arch } = host.os;
  const codename = codenameOf(told.version);
  const pretty = `${told.product} ${told.version}`;
  return {
    family,
    distro: "macos",
    version: told.version,
    codename,
    kernel: kernel("kern.osrelease"),
    arch,
    arch_raw: kernel("hw.machine") || arch,
    upstream_id: "macos",
    upstream_codename: codename,
    init,
    pretty_name: codename === "" ? pretty : `${pretty} (${codename})`,
    machine_id: expert("IOPlatformUUID"),
    boot_id: kernel("kern.bootsessionuuid"),
    reboot_required: false,
    reboot_reasons: [],
  };
}

/** Lines `ProductVersion:		15.1`; it was called Mac OS X once. */
export function parseSwVers(text: string) {
  const value = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1]?.trim();
  return { product: value("ProductName") ?? "macOS", version: value("ProductVersion") ?? "" };
}

/** Apple names a release for people and prints the name nowhere. */
const codenames: Readonly<Record<string, string>> = {
  "10.14": "Mojave",
  "10.15": "Catalina",
  "11": "Big Sur",
  "12": "Monterey",
  "13": "Ventura",
  "14": "Sonoma",
  "15": "Sequoia",
  "26": "Tahoe",
};

function codenameOf(version: string): string {
  const [major = "", minor = ""] = version.split(".");
  return codenames[major] ?? codenames[`${major}.${minor}`] ?? "";
}

export async function hardware(host: ReadHost, asking: Asking) {
  const kernel = await kernelOf(host, asking);
  const model = kernel("machdep.cpu.brand_string");
  return {
    cpu_count: Math.max(1, Number(kernel("hw.logicalcpu") || 1)),
    cpu_model: model,
    cpu_vendor: kernel("machdep.cpu.vendor") || (model.startsWith("Apple") ? "Apple" : ""),
    memory_mb: Math.floor(Number(kernel("hw.memsize") || 0) / 1024 / 1024),
    architecture_bits: kernel("hw.cpu64bit_capable") === "0" ? 32 : 64,
  };
}

/** `{ sec = 1763712000, usec = 0 } Fri Nov 21 08:00:00 2025`. */
export async function uptime(host: ReadHost, asking: Asking) {
  const [, sec] = /sec = (\d+)/.exec((await kernelOf(host, asking))("kern.boottime")) ?? [];
  if (sec === undefined) return undefined;
  const started = Number(sec) * 1000;
  return {
    seconds: Math.max(0, Math.floor((host.now().getTime() - started) / 1000)),
    boot_time: new Date(started).toISOString(),
  };
}

export async function virtualization(host: ReadHost, asking: Asking) {
  return machineOf(await technologyOf(host, asking));
}

export async function hypervisor(host: ReadHost, asking: Asking) {
  const technology = await technologyOf(host, asking);
  if (technology !== undefined) return guestOf(technology);
  const can = (await kernelOf(host, asking))("kern.hv_support") === "1";
  return can
    ? { kind: "other" as const, role: "host" as const }
    : { kind: "none" as const, role: "none" as const };
}

/** Beginnings of `hw.model`, and of the maker that the firmware names. */
const signs: readonly (readonly [start: string, name: string])[] = [
  ["VMware", "vmware"],
  ["Parallels", "parallels"],
  ["VirtualMac", "apple"],
  ["VirtualBox", "oracle"],
  ["innotek", "oracle"],
  ["QEMU", "qemu"],
];

/** The kernel says that there is one below it; before macOS 11 only the model does. */
async function technologyOf(host: ReadHost, asking: Asking): Promise<string | undefined> {
  const [kernel, expert] = await Promise.all([
    kernelOf(host, asking),
    platformExpert(host, asking),
  ]);
  const said = [kernel("hw.model"), expert("manufacturer")];
  const named = signs.find(([start]) => said.some((text) => text.startsWith(start)))?.[1];
  return named ?? (kernel("kern.hv_vmm_present") === "1" ? "vm-other" : undefined);
}
