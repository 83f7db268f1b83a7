/**
 * Tools of each kind of file system: how it is made, named and grown, how big it is. Must not know what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { realDevice } from "./block-device.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";
import { type Mount, parseMounts } from "./mountinfo.ts";

interface Kind {
  /** Says that what was there is to be overwritten; the type has looked before. */
  readonly force: readonly string[];
  readonly label: { readonly option: string; readonly longest: number };
  readonly relabel: (
    device: string,
    label: string,
    mounted: string | undefined,
  ) => readonly string[];
  /** How its size is asked, and read from what is answered. */
  readonly size?: {
    readonly argv: (device: string, mounted: string | undefined) => readonly string[];
    readonly bytes: (printed: string) => number | undefined;
  };
  /** Where it must be mounted to grow, `mounted` is said. */
  readonly grow?: (device: string, mounted: string | undefined) => readonly string[] | undefined;
}

const number = (text: string, pattern: RegExp) => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

const times = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a * b;

const ext: Kind = {
  force: ["-F"],
  label: { option: "-L", longest: 16 },
  relabel: (device, label) => ["e2label", device, label],
  size: {
    argv: (device) => ["dumpe2fs", "-h", device],
    bytes: (printed) =>
      times(number(printed, /^Block count:\s+(\d+)/m), number(printed, /^Block size:\s+(\d+)/m)),
  },
  grow: (device) => ["resize2fs", device],
};

const kinds: Readonly<Record<string, Kind>> = {
  ext2: ext,
  ext3: ext,
  ext4: ext,
  xfs: {
    force: ["-f"],
    label: { option: "-L", longest: 12 },
    relabel: (device, label, mounted) =>
      mounted === undefined
        ? ["xfs_admin", "-L", label === "" ? "--" : label, device]
        : ["xfs_io", "-c", label === "" ? "label -c" : `label -s ${label}`, mounted],
    size: {
      argv: (device, mounted) => ["xfs_info", mounted ?? device],
      bytes: (printed) =>
        times(
          number(printed, /^data\s.*?\bblocks=(\d+)/m),
          number(printed, /^data\s.*?\bbsize=(\d+)/m),
        ),
    },
    grow: (_, mounted) => (mounted === undefined ? undefined : ["xfs_growfs", mounted]),
  },
  btrfs: {
    force: ["-f"],
    label: { option: "-L", longest: 255 },
    relabel: (device, label, mounted) => ["btrfs", "filesystem", "label", mounted ?? device, label],
    size: {
      argv: (device) => ["btrfs", "filesystem", "show", "--raw", device],
      bytes: (printed) => number(printed, /\bdevid\s+1\s+size\s+(\d+)/),
    },
    grow: (_, mounted) =>
      mounted === undefined ? undefined : ["btrfs", "filesystem", "resize", "max", mounted],
  },
  vfat: {
    force: [],
    label: { option: "-n", longest: 11 },
    relabel: (device, label) =>
      label === "" ? ["fatlabel", "-r", device] : ["fatlabel", device, label],
  },
};

/** In the order of the manual. */
export const fileSystemKinds = Object.keys(kinds) as [string, ...string[]];

const kindOf = (fstype: string): Kind => {
  const kind = kinds[fstype];
  if (kind === undefined) throw new VigoError("failed", `nothing is known about ${fstype}`);
  return kind;
};

export const longestLabel = (fstype: string): number => kindOf(fstype).label.longest;
export const canGrow = (fstype: string): boolean => kindOf(fstype).grow !== undefined;

/** Where a device is mounted, the first place. */
export async function mountedOn(host: ReadHost, device: string): Promise<string | undefined> {
  const real = await realDevice(host, device);
  const mounts = parseMounts((await fileText(host, "/proc/self/mounts")) ?? "");
  for (const mount of mounts.filter(({ source }: Pick<Mount, "source">) =>
    source.startsWith("/dev/"),
  ))
    if ((await realDevice(host, mount.source)) === real) return mount.path;
  return undefined;
}

export interface Make {
  readonly device: string;
  readonly fstype: string;
  readonly label?: string | undefined;
  readonly options: readonly string[];
}

export async function makeFileSystem(host: Host, make: Make): Promise<void> {
  const { force, label } = kindOf(make.fstype);
  const named = make.label === undefined ? [] : [label.option, make.label];
  const argv = [`mkfs.${make.fstype}`, ...force, ...named, ...make.options, make.device];
  await mustSucceed(`mkfs.${make.fstype} ${make.device}`, host.run({ argv, outlives: true }));
  await namesFollow(host);
}

/** udev makes the names by label and by UUID a moment after. */
async function namesFollow(host: Host): Promise<void> {
  if ((await host.stat("/run/udev/control")) === undefined) return;
  await mustSucceed("udevadm settle", host.run({ argv: ["udevadm", "settle", "--timeout=30"] }));
}

export async function relabel(host: Host, device: string, fstype: string, label: string) {
  const argv = kindOf(fstype).relabel(device, label, await mountedOn(host, device));
  await mustSucceed(`the label of ${device}`, host.run({ argv }));
  await namesFollow(host);
}

/** Of the file system itself, which may be smaller than its device. Undefined where that cannot be told. */
export async function fileSystemBytes(
  host: ReadHost,
  device: string,
  fstype: string,
): Promise<number | undefined> {
  const { size } = kindOf(fstype);
  if (size === undefined) return undefined;
  const argv = size.argv(device, await mountedOn(host, device));
  const { code, stdout, stderr } = await host.query({ argv });
  if (code === 0) return size.bytes(stdout);
  throw new VigoError("failed", `${argv[0]} ${device}: ${stderr.trim() || `exit ${code}`}`);
}

export async function grow(host: Host, device: string, fstype: string): Promise<void> {
  const argv = kindOf(fstype).grow?.(device, await mountedOn(host, device));
  if (argv === undefined)
    throw new VigoError("failed", `${fstype} on ${device} grows only while it is mounted`, {
      hint: "mount it first: a mount resource that this one depends on",
    });
  await mustSucceed(`${argv[0]} ${device}`, host.run({ argv, outlives: true }));
}

export async function wipe(host: Host, device: string): Promise<void> {
  await mustSucceed(`wipefs ${device}`, host.run({ argv: ["wipefs", "--all", device] }));
}
