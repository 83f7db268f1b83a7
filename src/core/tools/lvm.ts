/**
 * Physical volumes, volume groups and logical volumes (lvm(8)): asked in bytes (lvmreport(7)), made and grown. Must not know
 * what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { realDevice } from "./block-device.ts";
import { mustSucceed } from "./exit.ts";

type Row = readonly string[];

/** One line a volume, its fields with `|` between them; no name of lvm's has that. */
export const parseRows = (printed: string): readonly Row[] =>
  printed
    .split("\n")
    .map((line) => line.trim().split("|"))
    .filter((row) => row.length > 1);

/** lvm answers with what it knows also where single volumes are damaged. */
async function rows(host: ReadHost, kind: "pv" | "vg" | "lv", fields: string) {
  const words = ["--noheadings", "--separator", "|", "--units", "b", "--nosuffix", "-o", fields];
  const { code, stdout, stderr } = await host.query({ argv: [`${kind}s`, ...words] });
  if (code === 0 || stdout.trim() !== "") return parseRows(stdout);
  throw new VigoError("failed", `${kind}s: ${stderr.trim() || `exit ${code}`}`, {
    hint: "is the package lvm2 installed?",
  });
}

/** Device of each physical volume by the kernel's name (lvm says `/dev/mapper/x` for `/dev/dm-0`), and its group (empty: of none). */
export async function physicalVolumes(host: ReadHost): Promise<ReadonlyMap<string, string>> {
  const groups = new Map<string, string>();
  for (const [device = "", group = ""] of await rows(host, "pv", "pv_name,vg_name"))
    groups.set(await realDevice(host, device), group);
  return groups;
}

export interface VolumeGroup {
  readonly bytes: number;
  readonly freeBytes: number;
  readonly extentBytes: number;
}

export async function volumeGroup(host: ReadHost, name: string): Promise<VolumeGroup | undefined> {
  const all = await rows(host, "vg", "vg_name,vg_size,vg_free,vg_extent_size");
  const row = all.find(([group]) => group === name);
  const [, bytes, freeBytes, extentBytes] = row?.map(Number) ?? [];
  if (bytes === undefined || freeBytes === undefined || extentBytes === undefined) return undefined;
  return { bytes, freeBytes, extentBytes };
}

/** Bytes of each logical volume in a group, by name. */
export async function logicalVolumes(
  host: ReadHost,
  group: string,
): Promise<ReadonlyMap<string, number>> {
  const all = await rows(host, "lv", "vg_name,lv_name,lv_size");
  const own = all.filter(([of]) => of === group);
  return new Map(own.map(([, name = "", bytes]) => [name, Number(bytes)]));
}

const factors: Readonly<Record<string, number>> = {
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/**
 * Bytes that a size means in a group (`512M`, `20G`, `50%VG`, `100%FREE`), in whole extents: a share is rounded down, a number of
 * bytes up, as lvcreate does.
 */
export function bytesOf(size: string, { bytes, freeBytes, extentBytes }: VolumeGroup): number {
  const [, share, whole] = /^(\d+)%(VG|FREE)$/.exec(size) ?? [];
  if (share !== undefined) {
    const of = whole === "VG" ? bytes : freeBytes;
    return Math.floor((of * Number(share)) / 100 / extentBytes) * extentBytes;
  }
  const [, number = "0", unit = "M"] = /^(\d+)([MGT])$/.exec(size) ?? [];
  return Math.ceil((Number(number) * (factors[unit] ?? 0)) / extentBytes) * extentBytes;
}

/** `vgcreate data /dev/sdb` and its like, never asking. */
export async function lvm(host: Host, command: string, ...words: readonly string[]): Promise<void> {
  const argv = [command, "--yes", ...words];
  await mustSucceed(`${command} ${words.at(-1) ?? ""}`, host.run({ argv, outlives: true }));
}
