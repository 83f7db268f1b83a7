/** What a Windows machine is made of: `dmi`, `secureboot`, `tpm`, `display`, `battery`, `usb`, `pci`. Must not know disks. */
import type { ReadHost } from "../../host.ts";
import { countOf, numberOf, textOf } from "../../tools/answer.ts";
import { chassisTypes } from "../../tools/chassis-types.ts";
import type { Asking } from "../../tools/once.ts";
import { factsOf } from "../../tools/windows-facts.ts";

export async function dmi(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "machine");
  const [firmware] = told("firmware");
  const [board] = told("board");
  const [product] = told("product");
  const [computer] = told("computer");
  const of = (record: unknown, field: string) => textOf(record, field).trim();
  return {
    bios_vendor: of(firmware, "Manufacturer"),
    bios_version: of(firmware, "SMBIOSBIOSVersion"),
    bios_date: of(firmware, "Date"),
    board_vendor: of(board, "Manufacturer"),
    board_name: of(board, "Product"),
    board_version: of(board, "Version"),
    board_serial: of(board, "SerialNumber"),
    product_vendor: of(product, "Vendor"),
    product_name: of(product, "Name"),
    product_version: of(product, "Version"),
    product_serial: of(product, "IdentifyingNumber"),
    product_uuid: of(product, "UUID").toLowerCase(),
    product_sku: of(computer, "SystemSKUNumber"),
    chassis_type: chassisTypes[Number(told("chassis")[0])] ?? "",
    memory_devices: told("modules").map((module) => ({
      locator: of(module, "DeviceLocator"),
      size_mb: Math.floor(countOf(module, "Capacity") / 1024 / 1024),
      speed_mts: countOf(module, "ConfiguredClockSpeed") || countOf(module, "Speed"),
      manufacturer: of(module, "Manufacturer"),
      part_number: of(module, "PartNumber"),
    })),
  };
}

export async function secureboot(host: ReadHost, asking: Asking) {
  const [told] = (await factsOf(host, asking, "machine"))("secureboot");
  return { enabled: numberOf(told, "enabled") === 1, setup_mode: numberOf(told, "setup") === 1 };
}

/** `2.0, 0, 1.38`: the version of the specification stands first. */
export async function tpm(host: ReadHost, asking: Asking) {
  const [chip] = (await factsOf(host, asking, "machine"))("tpm");
  const [, version = ""] = /^(\d\.\d)/.exec(textOf(chip, "SpecVersion")) ?? [];
  return { present: chip !== undefined, version };
}

/** An adapter that drives nothing has no resolution. */
export async function display(host: ReadHost, asking: Asking) {
  const outputs = (await factsOf(host, asking, "machine"))("screens")
    .filter((screen) => countOf(screen, "CurrentHorizontalResolution") > 0)
    .map((screen) => ({
      name: textOf(screen, "Name"),
      width: countOf(screen, "CurrentHorizontalResolution"),
      height: countOf(screen, "CurrentVerticalResolution"),
      refresh_hz: Math.max(0, numberOf(screen, "CurrentRefreshRate")),
    }));
  return { server: outputs.length > 0 ? ("windows" as const) : ("none" as const), outputs };
}

/** Win32_Battery.BatteryStatus: charging, and charging while high, low, critical. */
const charging: ReadonlySet<number> = new Set([6, 7, 8, 9]);

export async function battery(host: ReadHost, asking: Asking) {
  const found = (await factsOf(host, asking, "now"))("battery");
  const sum = found.reduce<number>(
    (total, one) => total + countOf(one, "EstimatedChargeRemaining"),
    0,
  );
  return {
    present: found.length > 0,
    percent: found.length === 0 ? 0 : Math.min(100, Math.round((sum / found.length) * 10) / 10),
    charging: found.some((one) => charging.has(numberOf(one, "BatteryStatus"))),
  };
}

const mostDevices = 500;

/** `USB\VID_046D&PID_C31C\5&2A…`, `PCI\VEN_8086&DEV_2922&SUBSYS_…\3&11583659&0&FA`: ids, and behind them the place. */
const deviceId = /^(USB|PCI)\\V(?:ID|EN)_([0-9A-F]{4})&(?:PID|DEV)_([0-9A-F]{4})[^\\]*\\(.+)$/i;

async function devicesOn(host: ReadHost, asking: Asking, bus: "USB" | "PCI") {
  const told = (await factsOf(host, asking, "machine"))("devices");
  const found = told.flatMap((device) => {
    const [, on = "", vendor = "", product = "", place = ""] =
      deviceId.exec(textOf(device, "DeviceID")) ?? [];
    if (on.toUpperCase() !== bus) return [];
    return [
      {
        place,
        id: `${vendor}:${product}`.toLowerCase(),
        vendor: textOf(device, "Manufacturer"),
        product: textOf(device, "Name"),
        class: textOf(device, "PNPClass"),
      },
    ];
  });
  return found.slice(0, mostDevices);
}

export async function usb(host: ReadHost, asking: Asking) {
  const found = await devicesOn(host, asking, "USB");
  return { devices: found.map(({ place, ...device }) => ({ port: place, ...device })) };
}

export async function pci(host: ReadHost, asking: Asking) {
  const found = await devicesOn(host, asking, "PCI");
  return { devices: found.map(({ place, ...device }) => ({ slot: place, ...device })) };
}
