/**
 * What is mounted on a path, whether it is what is wanted, and mount(8) and umount(8). Must not know fstab: the wish is told in the
 * same words.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { realDevice, withoutLinks } from "./block-device.ts";
import { mustSucceed } from "./exit.ts";
import { fileLine, fileText } from "./file-text.ts";
import { changeable, optionsThatDiffer, settingOf } from "./mount-options.ts";
import { type Mount, parseMounts } from "./mountinfo.ts";

export interface Wanted {
  readonly path: string;
  readonly device: string;
  readonly fstype: string;
  readonly options: readonly string[];
}

type Mounted = Omit<Mount, "device">;

/**
 * The one on top, where several are. The kernel knows it by the path that links on the way lead to; those are looked for only where
 * nothing is mounted by the plain name, as the server of what is mounted may be away and nobody answers.
 */
export async function mountedAt(host: ReadHost, path: string): Promise<Mounted | undefined> {
  const mounts = parseMounts((await fileText(host, "/proc/self/mounts")) ?? "");
  const at = (place: string) => mounts.findLast((mount) => mount.path === place);
  return at(path) ?? at(await withoutLinks(host, path));
}

interface Wrong {
  readonly field: "mounted" | "options";
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Undefined where the right thing is mounted or will be when somebody looks, or where `nofail` lets a device be away. */
export async function wrong(
  host: ReadHost,
  wanted: Wanted,
  there: Mounted | undefined,
): Promise<Wrong | undefined> {
  const elsewhere = { field: "mounted", from: there?.source, to: wanted.device } as const;
  if (there === undefined) return (await mayBeAway(host, wanted)) ? undefined : elsewhere;
  if (there.kind === "autofs" && wanted.options.includes("x-systemd.automount")) return undefined;
  if (!(await isRight(host, wanted, there))) return elsewhere;
  const [from, to] = optionsThatDiffer(wanted.fstype, wanted.options, there.options);
  return from.length === 0 && to.length === 0
    ? undefined
    : { field: "options", from: from.join(",") || undefined, to: to.join(",") || undefined };
}

async function mayBeAway(host: ReadHost, { device, options }: Wanted): Promise<boolean> {
  if (!options.includes("nofail")) return false;
  const real = await realDevice(host, device);
  return real.startsWith("/dev/") && (await host.stat(real)) === undefined;
}

const isBind = ({ options }: Wanted) => options.includes("bind") || options.includes("rbind");

async function isRight(host: ReadHost, wanted: Wanted, there: Mounted): Promise<boolean> {
  if (isBind(wanted)) {
    const of = async (path: string) => (await host.stat(path, { follow: true }))?.inode;
    const inode = await of(wanted.path);
    return inode !== undefined && inode === (await of(wanted.device));
  }
  if (wanted.fstype !== "auto" && !kindsOf(wanted.fstype).includes(there.kind)) return false;
  const [part, partThere] = [wanted, there].map(({ options }) => settingOf(options, "subvol"));
  if (part !== undefined && fromRoot(part) !== fromRoot(partThere ?? "")) return false;
  const isDevice = /^(?:\/dev\/|[A-Z]+=)/.test(wanted.device);
  if (isDevice)
    return (await realDevice(host, wanted.device)) === (await realDevice(host, there.source));
  if (!wanted.device.includes("/")) return true;
  const image = await imageOf(host, there.source);
  if (image === undefined) return bare(wanted.device) === bare(there.source);
  return (await realDevice(host, wanted.device)) === image;
}

const bare = (source: string) => source.replace(/(?<=.)\/+$/, "");

/** Of btrfs: `@home` is `/@home`. */
const fromRoot = (part: string) => bare(`/${part}`.replace(/^\/+/, "/"));

/** The file that a loop device shows as a disk. */
async function imageOf(host: ReadHost, source: string): Promise<string | undefined> {
  const [, loop] = /^\/dev\/(loop\d+)$/.exec(source) ?? [];
  if (loop === undefined) return undefined;
  return (await fileLine(host, `/sys/block/${loop}/loop/backing_file`)) || undefined;
}

/** Those whose kernel has another name for them. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  nfs: ["nfs", "nfs4"],
  ntfs: ["ntfs", "ntfs3", "fuseblk"],
  "ntfs-3g": ["fuseblk"],
  exfat: ["exfat", "fuseblk"],
};

/** What a program serves from outside of the kernel is called `fuse.sshfs`. */
const kindsOf = (fstype: string): readonly string[] => [
  ...(kinds[fstype] ?? [fstype]),
  `fuse.${fstype}`,
];

export async function mountNow(host: Host, wanted: Wanted): Promise<void> {
  const options = wanted.options.filter(
    (option) => !/^(?:nofail|x-systemd\.|noauto$|_netdev$)/.test(option),
  );
  const words = options.length === 0 ? [] : ["-o", options.join(",")];
  const kind = ["auto", "none"].includes(wanted.fstype) ? [] : ["-t", wanted.fstype];
  const argv = ["mount", ...kind, ...words, "--", wanted.device, wanted.path];
  await mustSucceed(`mount ${wanted.path}`, host.run({ argv }));
}

/** Of a bind only its own flags change: without the word those of the whole file system would, wherever else it is seen. */
export async function remount(host: Host, wanted: Wanted): Promise<void> {
  const { path, options, fstype } = wanted;
  const bind = isBind(wanted) ? ["bind"] : [];
  const words = ["remount", ...bind, ...changeable(fstype, options)].join(",");
  const argv = ["mount", "-o", words, "--", path];
  await mustSucceed(`mount -o remount ${path}`, host.run({ argv }));
}

/** Several may lie on one another. */
export async function unmount(host: Host, path: string): Promise<void> {
  for (let layers = 0; layers < 16 && (await mountedAt(host, path)) !== undefined; layers++) {
    const { code, stderr } = await host.run({ argv: ["umount", "--", path] });
    if (code === 0) continue;
    throw new VigoError("failed", `umount ${path}: ${stderr.trim() || `exit ${code}`}`, {
      hint: stderr.includes("busy") ? `\`fuser -vm ${path}\` says who uses it` : undefined,
    });
  }
}
