/** The `sysctl_security` trait: kernel settings that auditors ask for, from `/proc/sys`. Must not know what they should be. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { unlessDenied } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

/** Documentation/admin-guide/sysctl and networking/ip-sysctl.rst. */
const keys = {
  "kernel.randomize_va_space": "Address space layout is random: 2 is all of it.",
  "kernel.kptr_restrict": "Kernel addresses are hidden: 1 from users, 2 from all.",
  "kernel.dmesg_restrict": "Only root reads the kernel's messages: 1.",
  "kernel.perf_event_paranoid": "Who may measure: the higher, the fewer.",
  "kernel.sysrq": "Which magic keys work: 0 none.",
  "kernel.unprivileged_bpf_disabled": "Only root loads BPF programs: 1 for good, 2 for now.",
  "kernel.kexec_load_disabled": "No other kernel can be started from this one: 1.",
  "kernel.modules_disabled": "No more modules until a restart: 1.",
  "kernel.yama.ptrace_scope": "Who may trace whom: 1 parents only, 2 root, 3 nobody.",
  "fs.protected_hardlinks": "Hard links to files of others are refused: 1.",
  "fs.protected_symlinks": "Symlinks of others in shared folders are not followed: 1.",
  "fs.protected_fifos": "FIFOs of others in shared folders are not opened: 1 or 2.",
  "fs.protected_regular": "Files of others in shared folders are not opened to create: 1 or 2.",
  "fs.suid_dumpable": "Programs with other rights leave core dumps: 0 never.",
  "net.ipv4.ip_forward": "The machine routes IPv4: 1.",
  "net.ipv4.tcp_syncookies": "Floods of connection attempts are survived: 1.",
  "net.ipv4.conf.all.rp_filter": "Packets from an impossible side are dropped: 1 strictly.",
  "net.ipv4.conf.all.accept_redirects": "Others may change routes: 0 is safe.",
  "net.ipv4.conf.all.send_redirects":
    "The machine tells others of better routes: 0 unless a router.",
  "net.ipv4.conf.all.accept_source_route": "Packets may say their way themselves: 0 is safe.",
  "net.ipv6.conf.all.forwarding": "The machine routes IPv6: 1.",
  "net.ipv6.conf.all.accept_redirects": "Others may change IPv6 routes: 0 is safe.",
} as const;

type Key = keyof typeof keys;
const all = Object.keys(keys) as readonly Key[];
/** Dots would need quotes in every condition. */
const fieldOf = (key: string) => key.replaceAll(".", "_");

export const sysctlSecurity = defineTrait({
  name: "sysctl_security",
  summary: "Kernel settings that harden a machine.",
  platforms: ["linux"],
  keep: "hour",
  value: () => z.strictObject(Object.fromEntries(all.map((key) => [fieldOf(key), setting(key)]))),
  async collect(host) {
    const values = await Promise.all(all.map(async (key) => [fieldOf(key), await read(host, key)]));
    const known = values.filter(([, value]) => value !== undefined);
    return known.length === 0 ? undefined : (Object.fromEntries(known) as Record<string, number>);
  },
  example: {
    kernel_randomize_va_space: 2,
    kernel_kptr_restrict: 0,
    kernel_dmesg_restrict: 1,
    fs_protected_hardlinks: 1,
    net_ipv4_ip_forward: 0,
  },
});

const setting = (key: Key) =>
  z
    .int()
    .exactOptional()
    .meta({ description: `\`${key}\`. ${keys[key]} Missing where the kernel has none.` });

async function read(host: ReadHost, key: Key): Promise<number | undefined> {
  const path = `/proc/sys/${key.replaceAll(".", "/")}`;
  const line = (await unlessDenied(fileLine(host, path))) ?? "";
  return /^-?\d+$/.test(line) ? Number(line) : undefined;
}
