/** The `pci` trait: what is on the PCI bus, from `/sys/bus/pci` and the system's list of names. Must not know drivers. */
import { z } from "zod";
import { fileLine } from "../tools/file-text.ts";
import { classNames, deviceNames, idsOf } from "../tools/hardware-ids.ts";
import { defineTrait } from "../trait.ts";

const most = 500;

export const pci = defineTrait({
  name: "pci",
  summary: "Devices on the PCI bus.",
  platforms: ["linux"],
  elsewhere: {
    windows: () => (require("./windows/firmware.ts") as typeof import("./windows/firmware.ts")).pci,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      devices: z
        .array(
          z.strictObject({
            slot: z.string(),
            id: z.string(),
            vendor: z.string(),
            product: z.string(),
            class: z.string(),
          }),
        )
        .meta({
          description: `By slot, ${most} at most: id \`vendor:device\`, names of both and of the class from pci.ids; numbers alone where the system has no such list.`,
        }),
    }),
  async collect(host) {
    const root = "/sys/bus/pci/devices";
    const slots = await host.list(root);
    if (slots === undefined) return undefined;
    const ids = slots.length === 0 ? Buffer.alloc(0) : await idsOf(host, "pci");
    const devices = await Promise.all(
      slots.slice(0, most).map(async (slot) => {
        const [vendor = "", device = "", kind = ""] = await Promise.all(
          ["vendor", "device", "class"].map(async (name) =>
            (await fileLine(host, `${root}/${slot}/${name}`)).replace(/^0x/, ""),
          ),
        );
        return { slot, id: `${vendor}:${device}`, ...named(ids, vendor, device, kind) };
      }),
    );
    return { devices };
  },
  example: {
    devices: [
      {
        slot: "0000:00:1f.2",
        id: "8086:2922",
        vendor: "Intel Corporation",
        product: "82801IR/IO/IH (ICH9R/DO/DH) 6 port SATA Controller [AHCI mode]",
        class: "SATA controller",
      },
    ],
  },
});

const named = (ids: Buffer, vendor: string, device: string, kind: string) => ({
  ...deviceNames(ids, vendor, device),
  class: classNames(ids, kind.slice(0, 2), kind.slice(2, 4)) || kind,
});
