/** The `blockdevices` trait: disks, from `/sys/block` and udev's notes. Must not know what is on them. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import { unlessCode } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

const most = 500;

export const blockdevices = defineTrait({
  name: "blockdevices",
  summary: "Disks and what they are.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/disks.ts") as typeof import("./darwin/disks.ts")).blockdevices,
    windows: () =>
      (require("./windows/disks.ts") as typeof import("./windows/disks.ts")).blockdevices,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      devices: z
        .record(
          z.string(),
          z.strictObject({
            size_bytes: z.int().min(0).meta({ description: "Size, bytes." }),
            vendor: z.string(),
            model: z.string(),
            serial: z.string(),
            firmware: z.string(),
            readonly: z.boolean(),
            rotational: z.boolean().meta({ description: "It has platters that turn." }),
          }),
        )
        .meta({
          description:
            "By the kernel's name (`sda`), without partitions, empty drives and memory disks: size in bytes, vendor, model, serial number, firmware, whether it is read-only, whether it turns. Empty where it does not tell.",
        }),
    }),
  async collect(host) {
    const names = await host.list("/sys/block");
    if (names === undefined) return undefined;
    const real = names.filter((name) => !/^(?:ram|zram|loop)\d+$/.test(name)).slice(0, most);
    const found = await Promise.all(
      real.map(async (name) => [name, await read(host, name)] as const),
    );
    return { devices: Object.fromEntries(found.filter(([, { size_bytes }]) => size_bytes > 0)) };
  },
  example: {
    devices: {
      nvme0n1: {
        size_bytes: 512_110_190_592,
        vendor: "",
        model: "Example SSD 500G",
        serial: "S4X0NF0M123456",
        firmware: "2B2QEXM7",
        readonly: false,
        rotational: false,
      },
    },
  },
});

async function read(host: ReadHost, name: string) {
  const folder = `/sys/block/${name}`;
  const [sectors, vendor, model, rev, nvmeRev, readonly, rotational, serial, udev] =
    await Promise.all([
      line(host, `${folder}/size`),
      line(host, `${folder}/device/vendor`),
      line(host, `${folder}/device/model`),
      line(host, `${folder}/device/rev`),
      line(host, `${folder}/device/firmware_rev`),
      line(host, `${folder}/ro`),
      line(host, `${folder}/queue/rotational`),
      serialOf(host, folder),
      noteOf(host, folder),
    ]);
  return {
    // Sectors of 512 bytes, whatever the disk has.
    size_bytes: Number(sectors) * 512,
    vendor: /^0x[0-9a-f]{4}$/.test(vendor) ? "" : vendor,
    model: model || (udev.get("ID_MODEL") ?? "").replaceAll("_", " "),
    serial: serial || (udev.get("ID_SERIAL_SHORT") ?? ""),
    firmware: nvmeRev || rev || (udev.get("ID_REVISION") ?? ""),
    readonly: readonly === "1",
    rotational: rotational === "1",
  };
}

/** Some drivers refuse what they have not. */
const line = async (host: ReadHost, path: string): Promise<string> =>
  (await unlessCode(["EINVAL", "EIO", "ENODEV", "ENXIO"], fileLine(host, path))) ?? "";

/** Of NVMe below the device, of virtio beside it. */
const serialOf = async (host: ReadHost, folder: string): Promise<string> =>
  (await line(host, `${folder}/device/serial`)) || line(host, `${folder}/serial`);

/** udev asks ATA and SCSI disks for what the kernel does not keep. */
async function noteOf(host: ReadHost, folder: string): Promise<ReadonlyMap<string, string>> {
  const device = await line(host, `${folder}/dev`);
  return parseUdev((await fileText(host, `/run/udev/data/b${device}`)) ?? "");
}

/** Properties are lines `E:NAME=value`. */
export const parseUdev = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^E:([A-Z0-9_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
