/**
 * Block devices by any of their names, what is on them (blkid(8)), and how big they are. Must not know what is wanted of them.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { fileLine } from "./file-text.ts";

/** All that make, fill or take away devices: what one of them sees is not to change under it. */
export const storage = "storage";

/** Claims to follow where a device may be made by another resource. */
export const deviceFollows = (device: string): readonly string[] => [
  `filesystem:${device}`,
  `device:${device}`,
];

/** `/dev/sdb1` for `UUID=…`, `LABEL=…`, `/dev/disk/by-id/…` and `/dev/vg/lv`; what leads nowhere stays as it is. */
export async function realDevice(host: ReadHost, name: string): Promise<string> {
  const [, tag = "", value = ""] = /^(UUID|LABEL|PARTUUID|PARTLABEL|ID)=(.+)$/.exec(name) ?? [];
  const path = tag === "" ? name : `/dev/disk/by-${tag.toLowerCase()}/${linkName(unquoted(value))}`;
  return path.startsWith("/") ? await withoutLinks(host, path) : path;
}

const mostLinks = 40;

/** A path as the kernel tells it: no link on the way, neither folders nor the last. What is not there stays as it is said. */
export async function withoutLinks(host: ReadHost, path: string): Promise<string> {
  let [real, links] = ["", 0];
  const left = path.split("/");
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      real = real.replace(/\/[^/]*$/, "");
      continue;
    }
    const at = `${real}/${part}`;
    const target = links < mostLinks ? (await host.stat(at))?.target : undefined;
    if (target === undefined) real = at;
    else {
      links += 1;
      left.unshift(...target.split("/"));
      if (target.startsWith("/")) real = "";
    }
  }
  return real || "/";
}

const unquoted = (value: string) => value.replace(/^"(.*)"$/, "$1");

/** As udev names links: what is no plain sign is written as `\x20`. */
const linkName = (value: string) =>
  value.replace(
    /[^A-Za-z0-9#+\-.:=@_]/g,
    (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

export interface Signature {
  /** `ext4`, `xfs`, `swap`, `LVM2_member`, …; undefined: nothing that anybody knows. */
  readonly type: string | undefined;
  readonly label: string | undefined;
}

/** What stands on a device or in a file; nothing on what is not there. Asked of the device itself, never of a cache. */
export async function signatureOf(host: ReadHost, device: string): Promise<Signature> {
  const argv = ["blkid", "-p", "-o", "export", device];
  const { code, stdout, stderr } = await host.query({ argv });
  if (code === 0) return parseSignature(stdout);
  if (code === 2) return { type: undefined, label: undefined };
  throw new VigoError("failed", `${device}: ${stderr.trim() || `blkid: exit ${code}`}`, {
    hint:
      code === 8
        ? "several file systems claim it: look at `wipefs DEVICE` and erase what is old"
        : undefined,
  });
}

/** `NAME=value` lines. A table of partitions has a `PTTYPE` and no `TYPE`. */
export function parseSignature(text: string): Signature {
  const value = (name: string) =>
    new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.replaceAll("\\ ", " ");
  const table = value("PTTYPE");
  return {
    type: value("TYPE") ?? (table === undefined ? undefined : `table of partitions (${table})`),
    label: value("LABEL"),
  };
}

/** Undefined where there is no such device. */
export async function deviceBytes(host: ReadHost, device: string): Promise<number | undefined> {
  const real = await realDevice(host, device);
  const sectors = await fileLine(host, `/sys/class/block/${real.replace(/^.*\//, "")}/size`);
  return sectors === "" ? undefined : Number(sectors) * 512;
}
