/** The `hypervisor` trait: which hypervisor is at work, below this system or in it. Must not know containers. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { guestOf, isXenHost, virtualMachine } from "../tools/virtualization.ts";
import { defineTrait } from "../trait.ts";

export const hypervisor = defineTrait({
  name: "hypervisor",
  summary: "The hypervisor that this machine runs on, or is.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/system.ts") as typeof import("./darwin/system.ts")).hypervisor,
    windows: () =>
      (require("./windows/system.ts") as typeof import("./windows/system.ts")).hypervisor,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      kind: z.enum(["kvm", "vmware", "hyperv", "xen", "other", "none"]).meta({
        description: "The hypervisor.",
      }),
      role: z.enum(["guest", "host", "none"]).meta({
        description: "The machine runs on it (guest), could run others with it (host), or neither.",
      }),
    }),
  async collect(host) {
    if (await isXenHost(host)) return { kind: "xen", role: "host" };
    const machine = await virtualMachine(host);
    if (machine !== undefined) return guestOf(machine);
    return (await hasKvm(host)) ? { kind: "kvm", role: "host" } : { kind: "none", role: "none" };
  },
  example: { kind: "kvm", role: "guest" },
});

const hasKvm = async (host: ReadHost) => (await host.stat("/dev/kvm")) !== undefined;
