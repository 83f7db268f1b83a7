/** The `selinux_apparmor` trait: mandatory access control, as the kernel has it loaded. Must not know what it allows. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import { unlessCode, unlessDenied } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

const most = 2_000;

export const selinuxApparmor = defineTrait({
  name: "selinux_apparmor",
  summary: "What SELinux and AppArmor enforce.",
  platforms: ["linux"],
  keep: "boot",
  value: () =>
    z.strictObject({
      selinux_mode: z
        .enum(["enforcing", "permissive", "disabled"])
        .meta({ description: "Mode of SELinux; disabled where the kernel has none." }),
      selinux_policy: z
        .string()
        .meta({ description: "Name of its policy: targeted, mls; empty where it is disabled." }),
      apparmor_enabled: z.boolean().meta({ description: "The kernel uses AppArmor." }),
      apparmor_profiles: z.record(z.string(), z.array(z.string())).meta({
        description: `Loaded profiles by mode: enforce, complain, kill, unconfined; empty without root. ${most} at most.`,
      }),
    }),
  async collect(host) {
    const [selinux, apparmor] = await Promise.all([readSelinux(host), readApparmor(host)]);
    return { ...selinux, ...apparmor };
  },
  example: {
    selinux_mode: "disabled",
    selinux_policy: "",
    apparmor_enabled: true,
    apparmor_profiles: { enforce: ["/usr/sbin/ntpd", "lsb_release"], complain: [] },
  },
});

async function readSelinux(host: ReadHost) {
  const enforce = await unlessDenied(fileLine(host, "/sys/fs/selinux/enforce"));
  if (enforce !== "0" && enforce !== "1")
    return { selinux_mode: "disabled" as const, selinux_policy: "" };
  const config = (await fileText(host, "/etc/selinux/config")) ?? "";
  const [, selinux_policy = ""] = /^[ \t]*SELINUXTYPE=[ \t]*(\S+)/m.exec(config) ?? [];
  const selinux_mode = enforce === "1" ? ("enforcing" as const) : ("permissive" as const);
  return { selinux_mode, selinux_policy };
}

async function readApparmor(host: ReadHost) {
  const enabled = await fileLine(host, "/sys/module/apparmor/parameters/enabled");
  const file = "/sys/kernel/security/apparmor/profiles";
  const listed = await unlessCode(["EACCES", "EPERM"], fileText(host, file));
  return { apparmor_enabled: enabled === "Y", apparmor_profiles: parseProfiles(listed ?? "") };
}

/** `name (mode)`, where the name may hold blanks and brackets itself. */
export function parseProfiles(listed: string): Record<string, string[]> {
  const rows = [...listed.matchAll(/^(.+) \((\w+)\)$/gm)].slice(0, most);
  const by = Map.groupBy(rows, ([, , mode = ""]) => mode);
  return Object.fromEntries(
    [...by].map(([mode, found]) => [mode, found.map(([, name = ""]) => name).sort()]),
  );
}
