/**
 * In what this system runs, told from files alone; names are those of systemd-detect-virt(1). Must not know why anybody asks.
 */
import type { ReadHost } from "../host.ts";
import { fileLine, fileText } from "./file-text.ts";
import { unlessDenied } from "./refusal.ts";

type Sign = readonly [start: string, name: string];

/** Beginnings of what the firmware calls itself; clouds before the hypervisors they are built on. */
const vendors: readonly Sign[] = [
  ["Amazon EC2", "amazon"],
  ["Google", "google"],
  ["QEMU", "qemu"],
  ["KVM", "kvm"],
  ["OpenStack", "kvm"],
  ["KubeVirt", "kvm"],
  ["DigitalOcean", "kvm"],
  ["VMware", "vmware"],
  ["VMW", "vmware"],
  ["innotek GmbH", "oracle"],
  ["VirtualBox", "oracle"],
  ["Oracle Corporation", "oracle"],
  ["Xen", "xen"],
  ["Bochs", "bochs"],
  ["Parallels", "parallels"],
  ["BHYVE", "bhyve"],
  ["Hyper-V", "microsoft"],
  ["Apple Virtualization", "apple"],
];

/** By names that the firmware gives; undefined: none of them is a hypervisor's. */
export const namedBy = (names: readonly string[]): string | undefined =>
  vendors.find(([start]) => names.some((name) => name.startsWith(start)))?.[1];

const firmware = ["product_name", "sys_vendor", "board_vendor", "bios_vendor"];

/** The virtual machine this system is in; undefined on bare metal. A container sees the one around it. */
export async function virtualMachine(host: ReadHost): Promise<string | undefined> {
  const [dmi, clocks, xen, cpuinfo, tree] = await Promise.all([
    Promise.all(firmware.map((name) => fileLine(host, `/sys/class/dmi/id/${name}`))),
    fileLine(host, "/sys/devices/system/clocksource/clocksource0/available_clocksource"),
    fileLine(host, "/sys/hypervisor/type"),
    fileText(host, "/proc/cpuinfo"),
    fileLine(host, "/proc/device-tree/hypervisor/compatible"),
  ]);
  if (xen === "xen" && !(await isXenHost(host))) return "xen";
  const isMarked = /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo ?? "");
  // Machines of clouds without a hypervisor have the cloud's firmware; only the processor tells that they are real.
  const named = namedBy(dmi);
  const isX86 = /^flags\s*:/m.test(cpuinfo ?? "");
  if (isX86 && !isMarked) return undefined;
  return (
    (named === "qemu" || named === undefined ? byClock(clocks) : undefined) ??
    named ??
    isHyperv(dmi) ??
    (tree === "" ? undefined : tree.includes("kvm") ? "kvm" : "vm-other") ??
    (isMarked ? "vm-other" : undefined)
  );
}

/** What the guest's kernel was given to tell the time by: QEMU alone has none, with KVM it has. */
function byClock(clocks: string): string | undefined {
  if (clocks.includes("kvm-clock")) return "kvm";
  return clocks.includes("hyperv_clocksource") ? "microsoft" : undefined;
}

/** Microsoft also builds real machines, so its name alone says nothing. */
export const isHyperv = ([product = "", vendor = ""]: readonly string[]) =>
  vendor === "Microsoft Corporation" && product === "Virtual Machine" ? "microsoft" : undefined;

export const isXenHost = async (host: ReadHost): Promise<boolean> =>
  (await fileLine(host, "/proc/xen/capabilities")).includes("control_d");

/** The container this system is in; undefined in none. */
export async function container(host: ReadHost): Promise<string | undefined> {
  const [release, told, environ, docker, podman, vz, bc] = await Promise.all([
    fileLine(host, "/proc/sys/kernel/osrelease"),
    fileLine(host, "/run/systemd/container"),
    unlessDenied(fileText(host, "/proc/1/environ")),
    host.stat("/.dockerenv"),
    host.stat("/run/.containerenv"),
    host.stat("/proc/vz"),
    host.stat("/proc/bc"),
  ]);
  if (vz !== undefined && bc === undefined) return "openvz";
  if (/Microsoft|WSL/.test(release)) return "wsl";
  if (told !== "") return told;
  const [, named] = /(?:^|\0)container=([^\0]+)/.exec(environ ?? "") ?? [];
  if (named !== undefined) return named === "oci" ? "docker" : named;
  if (podman !== undefined) return "podman";
  return docker === undefined ? undefined : "docker";
}

const kinds: Readonly<Record<string, "kvm" | "vmware" | "hyperv" | "xen">> = {
  kvm: "kvm",
  qemu: "kvm",
  amazon: "kvm",
  google: "kvm",
  vmware: "vmware",
  microsoft: "hyperv",
  xen: "xen",
};

/** What the `hypervisor` trait says of a machine that runs on this one, by its name in systemd-detect-virt(1). */
export const guestOf = (technology: string) => ({
  kind: kinds[technology] ?? ("other" as const),
  role: "guest" as const,
});

/** What the `virtualization` trait says of a machine that is no container. */
export const machineOf = (technology: string | undefined) => ({
  is_vm: technology !== undefined,
  is_container: false,
  technology: technology ?? "none",
});
