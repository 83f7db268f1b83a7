/** Disks of macOS and what is mounted: `mountpoints`, `filesystem`, `blockdevices`; from mount(8), diskutil(8) and system_profiler(8). Must not know what is on them. */
import type { ReadHost } from "../../host.ts";
import { propertyList } from "../../text/property-list.ts";
import { flagOf, listOf, numberOf, textOf } from "../../tools/answer.ts";
import { profileOf } from "../../tools/mac-profile.ts";
import { type Asking, printed } from "../../tools/once.ts";
import { usedFigures } from "../../tools/percent.ts";

const mostMounts = 500;

export async function mountpoints(host: ReadHost, asking: Asking) {
  const mounts = parseMount(await printed(host, asking, ["mount"]));
  return { mounts: mounts.slice(0, mostMounts) };
}

/** `/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)`. */
export const parseMount = (text: string) =>
  [...text.matchAll(/^(.+?) on (\/.*) \((\w+)(?:, (.*))?\)$/gm)].map(
    ([, device = "", path = "", fstype = "", options = ""]) => ({
      path,
      device,
      fstype,
      options: options === "" ? [] : options.split(", "),
    }),
  );

const kinds: ReadonlySet<string> = new Set(["apfs", "hfs", "msdos", "exfat", "ntfs", "ufs"]);
const mostAsked = 200;

/** Volumes of one APFS container share its room, so each of them says how full that is. */
export async function filesystem(host: ReadHost, asking: Asking) {
  const mounted = parseMount(await printed(host, asking, ["mount"]));
  const mounts: Record<string, ReturnType<typeof usedFigures>> = {};
  for (const { path } of mounted.filter(({ fstype }) => kinds.has(fstype)).slice(0, mostAsked)) {
    const told = await host.statfs(path);
    if (told !== undefined) mounts[path] = usedFigures(told);
  }
  return { root_used_pct: mounts["/"]?.used_pct ?? 0, mounts };
}

const mostDisks = 32;

/** What system_profiler knows of a disk of its own kind (NVMe, SATA) is added to what diskutil knows of each. */
export async function blockdevices(host: ReadHost, asking: Asking) {
  const listed = propertyList(
    await printed(host, asking, ["diskutil", "list", "-plist", "physical"]),
  );
  const names = listOf(listed, "WholeDisks").filter((name) => typeof name === "string");
  const [profile, ...disks] = await Promise.all([
    profileOf(host, asking),
    ...names.slice(0, mostDisks).map(async (name) => {
      const info = await printed(host, asking, ["diskutil", "info", "-plist", name]);
      return [name, propertyList(info)] as const;
    }),
  ]);
  const known = [...profile("SPNVMeDataType"), ...profile("SPSerialATADataType")];
  return {
    devices: Object.fromEntries(
      disks.map(([name, info]) => {
        const own = known.find((entry) => textOf(entry, "bsd_name") === name);
        return [name, deviceOf(info, own)];
      }),
    ),
  };
}

const deviceOf = (info: unknown, own: unknown) => ({
  size_bytes: numberOf(info, "TotalSize") || numberOf(info, "Size"),
  vendor: "",
  model: (textOf(own, "device_model") || textOf(info, "MediaName")).trim(),
  serial: textOf(own, "device_serial").trim(),
  firmware: textOf(own, "device_revision").trim(),
  readonly: flagOf(info, "WritableMedia") === false,
  rotational: flagOf(info, "SolidState") === false,
});
