/** Disks of Windows and what is mounted: `mountpoints`, `filesystem`, `blockdevices`. Must not know what is on them. */
import type { ReadHost } from "../../host.ts";
import { countOf, flagOf, textOf } from "../../tools/answer.ts";
import type { Asking } from "../../tools/once.ts";
import { percent } from "../../tools/percent.ts";
import { factsOf } from "../../tools/windows-facts.ts";

const mostMounts = 500;

/** A volume that is nowhere has its own name for one: `\\?\Volume{…}\`. */
async function volumes(host: ReadHost, asking: Asking) {
  const told = (await factsOf(host, asking, "now"))("volumes");
  return told
    .filter((volume) => !textOf(volume, "Name").startsWith("\\\\?\\"))
    .slice(0, mostMounts);
}

export async function mountpoints(host: ReadHost, asking: Asking) {
  const mounts = (await volumes(host, asking)).map((volume) => ({
    path: textOf(volume, "Name"),
    device: textOf(volume, "DeviceID"),
    fstype: textOf(volume, "FileSystem").toLowerCase(),
    options: [],
  }));
  // An empty drive has no file system.
  return { mounts: mounts.filter(({ fstype }) => fstype !== "") };
}

/** Win32_Volume.DriveType: removable, fixed. */
const local: ReadonlySet<number> = new Set([2, 3]);

export async function filesystem(host: ReadHost, asking: Asking) {
  const own = (await volumes(host, asking)).filter(
    (volume) => local.has(countOf(volume, "DriveType")) && countOf(volume, "Capacity") > 0,
  );
  const told = own.map((volume) => {
    const size = countOf(volume, "Capacity");
    return {
      path: textOf(volume, "Name"),
      system: flagOf(volume, "System") === true,
      use: {
        size_mb: Math.floor(size / 1024 / 1024),
        used_pct: percent(size - countOf(volume, "FreeSpace"), size),
        inodes_used_pct: 0,
      },
    };
  });
  return {
    root_used_pct: told.find(({ system }) => system)?.use.used_pct ?? 0,
    mounts: Object.fromEntries(told.map(({ path, use }) => [path, use])),
  };
}

const mostDisks = 500;

/** As `\\.\PhysicalDrive0` names it. */
export async function blockdevices(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "machine");
  const readonly = new Set(
    told("diskStates")
      .filter((disk) => flagOf(disk, "IsReadOnly") === true)
      .map((disk) => countOf(disk, "Number")),
  );
  const devices = told("disks").map(
    (disk) =>
      [
        `PhysicalDrive${textOf(disk, "DeviceId")}`,
        {
          size_bytes: countOf(disk, "Size"),
          vendor: textOf(disk, "Manufacturer").trim(),
          model: textOf(disk, "Model").trim(),
          serial: textOf(disk, "SerialNumber").trim(),
          firmware: textOf(disk, "FirmwareVersion").trim(),
          readonly: readonly.has(countOf(disk, "DeviceId")),
          rotational: textOf(disk, "Media") === "HDD",
        },
      ] as const,
  );
  return { devices: Object.fromEntries(devices.slice(0, mostDisks)) };
}
