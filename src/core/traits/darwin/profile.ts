/** What a Mac is made of: `dmi`, `display`, `usb`, `battery`; from system_profiler(8), ioreg(8) and pmset(1). Must not know disks. */
import type { ReadHost } from "../../host.ts";
import { listOf, textOf } from "../../tools/answer.ts";
import { profileOf } from "../../tools/mac-profile.ts";
import { platformExpert } from "../../tools/mac-registry.ts";
import { type Asking, printed } from "../../tools/once.ts";

export async function dmi(host: ReadHost, asking: Asking) {
  const [profile, expert] = await Promise.all([
    profileOf(host, asking),
    platformExpert(host, asking),
  ]);
  const [machine] = profile("SPHardwareDataType");
  const maker = expert("manufacturer");
  const name = textOf(machine, "machine_name");
  return {
    bios_vendor: maker,
    bios_version: textOf(machine, "boot_rom_version"),
    bios_date: "",
    board_vendor: maker,
    board_name: expert("board-id") || expert("target-type"),
    board_version: "",
    board_serial: "",
    product_vendor: maker,
    product_name: name,
    product_version: textOf(machine, "machine_model") || expert("model"),
    product_serial: textOf(machine, "serial_number") || expert("IOPlatformSerialNumber"),
    product_uuid: textOf(machine, "platform_UUID") || expert("IOPlatformUUID"),
    product_sku: textOf(machine, "model_number"),
    chassis_type: chassis.find(([start]) => name.startsWith(start))?.[1] ?? "",
    memory_devices: profile("SPMemoryDataType").flatMap(moduleOf),
  };
}

const chassis: readonly (readonly [start: string, type: string])[] = [
  ["MacBook", "laptop"],
  ["iMac", "all in one"],
  ["Mac mini", "mini"],
  ["Mac Studio", "desktop"],
  ["Mac Pro", "tower"],
];

/** Of Apple's own processors there is one entry without a slot, `SPMemoryDataType` its size; an empty slot says `empty`. */
function moduleOf(entry: unknown) {
  const size = textOf(entry, "dimm_size") || textOf(entry, "SPMemoryDataType");
  const [, figure, unit = ""] = /^(\d+) ([GM])B$/.exec(size) ?? [];
  if (figure === undefined) return [];
  const speed = /^(\d+) M(?:Hz|T\/s)$/.exec(textOf(entry, "dimm_speed"))?.[1];
  return [
    {
      locator: textOf(entry, "dimm_size") === "" ? "" : textOf(entry, "_name"),
      size_mb: Number(figure) * (unit === "G" ? 1024 : 1),
      speed_mts: Number(speed ?? 0),
      manufacturer: textOf(entry, "dimm_manufacturer"),
      part_number: textOf(entry, "dimm_part_number").trim(),
    },
  ];
}

/** WindowServer draws wherever there is a screen. */
export async function display(host: ReadHost, asking: Asking) {
  const cards = (await profileOf(host, asking))("SPDisplaysDataType");
  const outputs = cards.flatMap((card) => listOf(card, "spdisplays_ndrvs")).map(outputOf);
  return { server: outputs.length > 0 ? ("quartz" as const) : ("none" as const), outputs };
}

/** `2880 x 1800` are the pixels it has; the rate stands behind what it shows: `1440 x 900 @ 60.00Hz`. */
function outputOf(screen: unknown) {
  const [, width, height] = /^(\d+) x (\d+)/.exec(textOf(screen, "_spdisplays_pixels")) ?? [];
  const [, rate] = /@ ([\d.]+) ?Hz/.exec(textOf(screen, "_spdisplays_resolution")) ?? [];
  return {
    name: textOf(screen, "_name"),
    width: Number(width ?? 0),
    height: Number(height ?? 0),
    refresh_hz: Number(rate ?? 0),
  };
}

const mostDevices = 500;

/** Controllers have no ids of USB; places are `0x14100000 / 2`. */
export async function usb(host: ReadHost, asking: Asking) {
  const entries = (await profileOf(host, asking))("SPUSBDataType");
  const devices = entries.flatMap((entry) => {
    const vendor = hexOf(textOf(entry, "vendor_id"));
    const product = hexOf(textOf(entry, "product_id"));
    if (product === "") return [];
    return [
      {
        port: textOf(entry, "location_id").split(" ")[0] ?? "",
        id: `${vendor}:${product}`,
        vendor: textOf(entry, "manufacturer").trim(),
        product: textOf(entry, "_name").trim(),
        class: "",
      },
    ];
  });
  return { devices: devices.slice(0, mostDevices) };
}

/** `0x046d  (Logitech Inc.)`; Apple is `apple_vendor_id`. */
function hexOf(text: string): string {
  if (text === "apple_vendor_id") return "05ac";
  return /^0x([0-9a-f]{4})/.exec(text)?.[1] ?? "";
}

/** A line a battery: ` -InternalBattery-0 (id=4653155)	87%; discharging; 4:12 remaining present: true`. */
export async function battery(host: ReadHost, asking: Asking) {
  const text = await printed(host, asking, ["pmset", "-g", "batt"]);
  const found = [...text.matchAll(/^ -InternalBattery.*?\t(\d+)%; ([^;]+);.*present: true/gm)];
  const sum = found.reduce((total, [, percent]) => total + Number(percent), 0);
  return {
    present: found.length > 0,
    percent: found.length === 0 ? 0 : Math.min(100, Math.round((sum / found.length) * 10) / 10),
    charging: found.some(([, , state]) => state === "charging" || state === "finishing charge"),
  };
}
