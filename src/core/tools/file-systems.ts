/**
 * Tools of each kind of file system: how it is made, named and grown, how big it is. Must not know what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { usableBytes } from "../text/ext-layout.ts";
import { deviceBytes, realDevice } from "./block-device.ts";
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
    /** How much of a device it can fill, where that is not all of it. */
    readonly usable?: (printed: string, deviceBytes: number) => number | undefined;
  };
  readonly grow?: (device: string, mounted: string | undefined) => readonly string[];
  /** Asks for a sign that whoever made it was stopped before the end: blkid knows the kind already, and it can never be mounted. */
  readonly unfinished?: {
    readonly argv: (device: string) => readonly string[];
    readonly says: string;
  };
  /** What is to be found sound before it grows while it is not mounted; 1 is: there was something, and it is mended. */
  readonly prove?: (device: string) => readonly string[];
}

/** What grows only while it is mounted is so for that long, in a namespace that nobody else sees and that ends with the command. */
const aside = (device: string, fstype: string, grow: string): readonly string[] => [
  ...["unshare", "--mount", "sh", "-euc", `mount -t ${fstype} -- "$1" /mnt; exec ${grow} /mnt`],
  ...["sh", device],
];

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
    usable: usableBytes,
  },
  grow: (device) => ["resize2fs", device],
  prove: (device) => ["e2fsck", "-f", "-p", device],
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
    // `sb_inprogress` of the superblock (xfs_db(8)).
    unfinished: {
      argv: (device) => ["od", "-An", "-tu1", "-j126", "-N1", device],
      says: "1",
    },
    grow: (device, mounted) =>
      mounted === undefined ? aside(device, "xfs", "xfs_growfs") : ["xfs_growfs", mounted],
  },
  btrfs: {
    force: ["-f"],
    label: { option: "-L", longest: 255 },
    relabel: (device, label, mounted) => ["btrfs", "filesystem", "label", mounted ?? device, label],
    size: {
      argv: (device) => ["btrfs", "filesystem", "show", "--raw", device],
      bytes: (printed) => number(printed, /\bdevid\s+1\s+size\s+(\d+)/),
    },
    grow: (device, mounted) =>
      mounted === undefined
        ? aside(device, "btrfs", "btrfs filesystem resize max")
        : ["btrfs", "filesystem", "resize", "max", mounted],
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
export const canGrow = (fstype: string): boolean => kinds[fstype]?.grow !== undefined;

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

export async function isUnfinished(
  host: ReadHost,
  device: string,
  fstype: string,
): Promise<boolean> {
  const { unfinished } = kindOf(fstype);
  if (unfinished === undefined || (await mountedOn(host, device)) !== undefined) return false;
  const { stdout } = await host.query({ argv: unfinished.argv(device) });
  return stdout.trim() === unfinished.says;
}

const mebi = 1024 * 1024;

/** Sizes of a file system that has room to grow and of its device; less than 1 MiB is what it rounds off. */
export async function roomToGrow(
  host: ReadHost,
  device: string,
  fstype: string,
): Promise<{ readonly from: string; readonly to: string } | undefined> {
  const { size } = kindOf(fstype);
  if (size === undefined) return undefined;
  const argv = size.argv(device, await mountedOn(host, device));
  const { code, stdout, stderr } = await host.query({ argv });
  if (code !== 0)
    throw new VigoError("failed", `${argv[0]} ${device}: ${stderr.trim() || `exit ${code}`}`);
  // Of the file system itself, which may be smaller than its device.
  const is = size.bytes(stdout);
  const room = await deviceBytes(host, device);
  if (is === undefined || room === undefined) return undefined;
  if ((size.usable?.(stdout, room) ?? room) - is < mebi) return undefined;
  const told = (bytes: number) => `${Math.floor(bytes / mebi)} MiB`;
  return { from: told(is), to: told(room) };
}

export async function grow(host: Host, device: string, fstype: string): Promise<void> {
  const kind = kindOf(fstype);
  const mounted = await mountedOn(host, device);
  if (kind.grow === undefined) throw new VigoError("failed", `${fstype} cannot grow`);
  if (mounted === undefined && kind.prove !== undefined)
    await mustBeSound(host, kind.prove(device));
  const argv = kind.grow(device, mounted);
  await mustSucceed(`${fstype} on ${device}, growing`, host.run({ argv, outlives: true }));
}

async function mustBeSound(host: Host, argv: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await host.run({ argv, outlives: true });
  if (code <= 1) return;
  throw new VigoError("failed", `${argv.join(" ")}: ${(stderr || stdout).trim()}`, {
    hint: "the file system is damaged and was not touched: look at it with the same command without -p",
  });
}

export async function wipe(host: Host, device: string): Promise<void> {
  await mustSucceed(`wipefs ${device}`, host.run({ argv: ["wipefs", "--all", device] }));
}
