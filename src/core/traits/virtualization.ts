/** The `virtualization` trait: whether this is a real machine. Must not know what runs on it in turn. */
import { z } from "zod";
import { container, virtualMachine } from "../tools/virtualization.ts";
import { defineTrait } from "../trait.ts";

export const virtualization = defineTrait({
  name: "virtualization",
  summary: "Whether this is a real machine, a virtual one, or a container.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/system.ts") as typeof import("./darwin/system.ts")).virtualization,
    windows: () =>
      (require("./windows/system.ts") as typeof import("./windows/system.ts")).virtualization,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      is_vm: z.boolean().meta({
        description: "It is a virtual machine, or a container in one.",
        stable: true,
      }),
      is_container: z.boolean().meta({ description: "It is a container.", stable: true }),
      technology: z.string().meta({
        description:
          "What the container is, else what the machine is: docker, podman, lxc, systemd-nspawn, kvm, qemu, vmware, microsoft, xen, amazon, …; none. Names of systemd-detect-virt(1).",
        stable: true,
      }),
    }),
  async collect(host) {
    const [inside, machine] = await Promise.all([container(host), virtualMachine(host)]);
    return {
      is_vm: machine !== undefined,
      is_container: inside !== undefined,
      technology: inside ?? machine ?? "none",
    };
  },
  example: { is_vm: true, is_container: false, technology: "kvm" },
});
