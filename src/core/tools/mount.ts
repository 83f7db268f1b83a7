/**
 * What is mounted on a path, whether it is what is wanted, and mount(8) and umount(8). Must not know fstab: the wish is told in the
 * same words.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { realDevice } from "./block-device.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";
import { type Mount, parseMounts } from "./mountinfo.ts";

export interface Wanted {
  readonly path: string;
  readonly device: string;
  readonly fstype: string;
  readonly options: readonly string[];
}

type Mounted = Omit<Mount, "device">;

/** The one on top, where several are. */
export async function mountedAt(host: ReadHost, path: string): Promise<Mounted | undefined> {
  const mounts = parseMounts((await fileText(host, "/proc/self/mounts")) ?? "");
  return mounts.findLast((mount) => mount.path === path);
}

interface Wrong {
  readonly field: "mounted" | "options";
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Undefined where the right thing is mounted, or where `nofail` lets a device be away. */
export async function wrong(
  host: ReadHost,
  wanted: Wanted,
  there: Mounted | undefined,
): Promise<Wrong | undefined> {
  const elsewhere = { field: "mounted", from: there?.source, to: wanted.device } as const;
  if (there === undefined) return (await mayBeAway(host, wanted)) ? undefined : elsewhere;
  if (!(await isRight(host, wanted, there))) return elsewhere;
  const [from, to] = flagsThatDiffer(wanted.options, there.options);
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
  if (wanted.fstype !== "auto" && !kinds(wanted.fstype).includes(there.kind)) return false;
  const isDevice = /^(?:\/dev\/|[A-Z]+=)/.test(wanted.device);
  if (!isDevice) return !wanted.device.includes("/") || bare(wanted.device) === bare(there.source);
  return (await realDevice(host, wanted.device)) === (await realDevice(host, there.source));
}

const bare = (source: string) => source.replace(/(?<=.)\/+$/, "");

/** What the kernel calls them may be another name. */
const kinds = (fstype: string): readonly string[] =>
  fstype === "nfs" ? ["nfs", "nfs4"] : fstype === "ntfs-3g" ? ["fuseblk"] : [fstype];

/** Options that the kernel tells for any file system, with their opposites; the last one said counts. */
const flags: Readonly<Record<string, readonly [option: string, on: boolean]>> = {
  ro: ["ro", true],
  rw: ["ro", false],
  nosuid: ["nosuid", true],
  suid: ["nosuid", false],
  nodev: ["nodev", true],
  dev: ["nodev", false],
  noexec: ["noexec", true],
  exec: ["noexec", false],
  noatime: ["noatime", true],
  atime: ["noatime", false],
  nodiratime: ["nodiratime", true],
  diratime: ["nodiratime", false],
};

/** Values that are asked for and that the kernel tells under the same name. */
const valued = ["size", "mode", "uid", "gid"] as const;

function flagsThatDiffer(
  wanted: readonly string[],
  there: readonly string[],
): readonly [readonly string[], readonly string[]] {
  const wish = new Map(
    spelledOut(wanted).flatMap((option) => (flags[option] ? [flags[option]] : [])),
  );
  const opposite = (option: string) => (option === "ro" ? "rw" : option.replace(/^no/, ""));
  const word = (option: string, on: boolean) => (on ? option : opposite(option));
  const off = [...wish].filter(([option, on]) => there.includes(option) !== on);
  // A share of the memory is told as a number of its own.
  const values = valued.flatMap((name) => {
    const [is, asked] = [settingOf(there, name), settingOf(wanted, name)];
    if (
      asked === undefined ||
      asked.endsWith("%") ||
      comparable(name, asked) === comparable(name, is ?? "")
    )
      return [];
    return [[is === undefined ? undefined : `${name}=${is}`, `${name}=${asked}`] as const];
  });
  return [
    [...off.map(([option, on]) => word(option, !on)), ...values.flatMap(([is]) => is ?? [])],
    [...off.map(([option, on]) => word(option, on)), ...values.map(([, asked]) => asked)],
  ];
}

const settingOf = (options: readonly string[], name: string) =>
  options.findLast((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);

const factors: Readonly<Record<string, number>> = { k: 1, m: 1024, g: 1024 ** 2 };

/** What fstab(5) means by `defaults`, as far as the kernel tells it. */
const spelledOut = (options: readonly string[]): readonly string[] =>
  options.flatMap((option) => (option === "defaults" ? ["rw", "suid", "dev", "exec"] : [option]));

/** Sizes are told in KiB. Modes are octal with or without a zero before. */
function comparable(name: string, value: string): string {
  if (name === "mode") return value.replace(/^0+/, "");
  const [, number, suffix = ""] = /^(\d+)([kmg]?)$/i.exec(value) ?? [];
  if (name !== "size" || number === undefined) return value;
  const factor = factors[suffix.toLowerCase()] ?? 1 / 1024;
  return `${Math.ceil(Number(number) * factor)}k`;
}

export async function mountNow(host: Host, wanted: Wanted): Promise<void> {
  const options = wanted.options.filter(
    (option) => !/^(?:nofail|x-systemd\.|noauto$|_netdev$)/.test(option),
  );
  const words = options.length === 0 ? [] : ["-o", options.join(",")];
  const kind = ["auto", "none"].includes(wanted.fstype) ? [] : ["-t", wanted.fstype];
  const argv = ["mount", ...kind, ...words, "--", wanted.device, wanted.path];
  await mustSucceed(`mount ${wanted.path}`, host.run({ argv }));
}

export async function remount(host: Host, { path, options, fstype }: Wanted): Promise<void> {
  const bind = options.includes("bind") ? ["bind"] : [];
  const told = spelledOut(options).filter(
    (option) =>
      flags[option] !== undefined || (fstype === "tmpfs" && /^(?:size|mode|uid|gid)=/.test(option)),
  );
  const argv = ["mount", "-o", ["remount", ...bind, ...told].join(","), "--", path];
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
