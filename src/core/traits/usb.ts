/** The `usb` trait: what is plugged into USB, from `/sys/bus/usb` and the system's list of names. Must not know drivers. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { classNames, deviceNames, idsOf } from "../tools/hardware-ids.ts";
import { defineTrait } from "../trait.ts";

const most = 500;

export const usb = defineTrait({
  name: "usb",
  summary: "Devices on USB.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/profile.ts") as typeof import("./darwin/profile.ts")).usb,
    windows: () => (require("./windows/firmware.ts") as typeof import("./windows/firmware.ts")).usb,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      devices: z
        .array(
          z.strictObject({
            port: z.string(),
            id: z.string(),
            vendor: z.string(),
            product: z.string(),
            class: z.string(),
          }),
        )
        .meta({
          description: `By port, ${most} at most, hubs of the machine itself too: id \`vendor:product\`, names as the device tells them, else those of usb.ids; class by its name, else its number.`,
        }),
    }),
  async collect(host) {
    const root = "/sys/bus/usb/devices";
    const names = await host.list(root);
    if (names === undefined) return undefined;
    // Interfaces of a device are listed beside it, with a colon.
    const ports = names.filter((name) => !name.includes(":")).slice(0, most);
    const ids = ports.length === 0 ? Buffer.alloc(0) : await idsOf(host, "usb");
    return { devices: await Promise.all(ports.map((port) => read(host, root, port, ids))) };
  },
  example: {
    devices: [
      {
        port: "1-4",
        id: "046d:c31c",
        vendor: "Logitech",
        product: "USB Keyboard",
        class: "(Defined at Interface level)",
      },
    ],
  },
});

async function read(host: ReadHost, root: string, port: string, ids: Buffer) {
  const line = (name: string) => fileLine(host, `${root}/${port}/${name}`);
  const [vendor, product, maker, model, kind] = await Promise.all([
    line("idVendor"),
    line("idProduct"),
    line("manufacturer"),
    line("product"),
    line("bDeviceClass"),
  ]);
  const listed = deviceNames(ids, vendor, product);
  return {
    port,
    id: `${vendor}:${product}`,
    vendor: maker || listed.vendor,
    product: model || listed.product,
    class: classNames(ids, kind, "") || kind,
  };
}
