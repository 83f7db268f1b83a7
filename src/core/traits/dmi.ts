/**
 * The `dmi` trait: what the firmware says about the machine, from `/sys/class/dmi/id`; on boards without one their device
 * tree. Serial numbers are for root alone. Must not know processors and disks.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { chassisTypes } from "../tools/chassis-types.ts";
import { unlessDenied } from "../tools/refusal.ts";
import { memoryDevices } from "../tools/smbios.ts";
import { defineTrait } from "../trait.ts";

const fixed = (description: string) => z.string().meta({ description, stable: true });

const files = [
  "bios_vendor",
  "bios_version",
  "bios_date",
  "board_vendor",
  "board_name",
  "board_version",
  "board_serial",
  "product_name",
  "product_version",
  "product_serial",
  "product_uuid",
  "product_sku",
] as const;

export const dmi = defineTrait({
  name: "dmi",
  summary: "What the firmware says about the machine.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/profile.ts") as typeof import("./darwin/profile.ts")).dmi,
    windows: () => (require("./windows/firmware.ts") as typeof import("./windows/firmware.ts")).dmi,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      bios_vendor: fixed("Who made the firmware."),
      bios_version: fixed("Version of the firmware."),
      bios_date: fixed("Date of the firmware, as it says it: `04/01/2014`."),
      board_vendor: fixed("Who made the board."),
      board_name: fixed("Name of the board."),
      board_version: fixed("Version of the board."),
      board_serial: fixed("Serial number of the board; empty without root."),
      product_vendor: fixed("Who made the machine."),
      product_name: fixed("Name of the machine."),
      product_version: fixed("Version of the machine."),
      product_serial: fixed("Serial number of the machine; empty without root."),
      product_uuid: fixed("UUID of the machine; empty without root."),
      product_sku: fixed("What the vendor sells it as."),
      chassis_type: fixed("Kind of case: desktop, laptop, rack, tablet, …; empty: not told."),
      memory_devices: z
        .array(
          z.strictObject({
            locator: z.string(),
            size_mb: z.int().min(0),
            speed_mts: z.int().min(0),
            manufacturer: z.string(),
            part_number: z.string(),
          }),
        )
        .meta({
          description:
            "Memory modules: slot, size in MiB, speed in MT/s (0: not told), maker, part number; empty without root.",
          stable: true,
        }),
    }),
  async collect(host) {
    return (await host.stat("/sys/class/dmi/id", { follow: true })) === undefined
      ? fromDeviceTree(host)
      : fromFirmware(host);
  },
  example: {
    bios_vendor: "SeaBIOS",
    bios_version: "1.16.2-1",
    bios_date: "04/01/2014",
    board_vendor: "",
    board_name: "",
    board_version: "",
    board_serial: "",
    product_vendor: "QEMU",
    product_name: "Standard PC (Q35 + ICH9, 2009)",
    product_version: "pc-q35-7.2",
    product_serial: "",
    product_uuid: "3b1e4f0a-6f0d-4a39-9f0e-2a4c5b6d7e8f",
    product_sku: "",
    chassis_type: "other",
    memory_devices: [
      { locator: "DIMM 0", size_mb: 8192, speed_mts: 0, manufacturer: "QEMU", part_number: "" },
    ],
  },
});

async function fromFirmware(host: ReadHost) {
  const read = async (name: string) =>
    (await unlessDenied(fileLine(host, `/sys/class/dmi/id/${name}`))) ?? "";
  const [values, vendor, chassis, table] = await Promise.all([
    Promise.all(files.map(async (name) => [name, await read(name)] as const)),
    read("sys_vendor"),
    read("chassis_type"),
    unlessDenied(host.read("/sys/firmware/dmi/tables/DMI", { limit: 1024 * 1024 })),
  ]);
  return {
    ...(Object.fromEntries(values) as Record<(typeof files)[number], string>),
    product_vendor: vendor,
    chassis_type: chassisTypes[Number(chassis)] ?? "",
    memory_devices: table === undefined ? [] : memoryDevices(table).slice(0, 256),
  };
}

/** Devicetree specification, 2.3: `model`, `serial-number`. Texts end with a zero byte. */
async function fromDeviceTree(host: ReadHost) {
  const read = async (name: string) =>
    (await fileLine(host, `/proc/device-tree/${name}`)).replaceAll("\0", "").trim();
  const [product_name, product_serial] = await Promise.all([read("model"), read("serial-number")]);
  if (product_name === "") return undefined;
  const none = Object.fromEntries(files.map((name) => [name, ""]));
  return {
    ...(none as Record<(typeof files)[number], string>),
    product_vendor: "",
    product_name,
    product_serial,
    chassis_type: "",
    memory_devices: [],
  };
}
