/** The `lvm` type: a physical volume, a volume group or a logical volume. Must not format what it makes: that is `filesystem`. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, list, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { realDevice, signatureOf, storage } from "../tools/block-device.ts";
import { canGrow, grow, roomToGrow } from "../tools/file-systems.ts";
import {
  bytesOf,
  logicalVolumes,
  lvm as order,
  physicalVolumes,
  volumeGroup,
} from "../tools/lvm.ts";

const name = { pattern: /^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/, wanted: "a name of lvm" };
const device = { pattern: /^\/dev\/[^\s\0]+$/, wanted: "a device below /dev" };

const params = () =>
  parameters({
    kind: choice("A physical volume, a volume group or a logical volume.", ["pv", "vg", "lv"]),
    volume: text("The device of a pv; the name of a vg or an lv.", {
      pattern: /^(?:\/dev\/[^\s\0]+|[A-Za-z0-9_.+][A-Za-z0-9_.+-]*)$/,
      wanted: "a device below /dev, or a name",
    }),
    devices: list(
      "Devices of a vg; those that are missing in it are added, others stay.",
      text("A device.", device),
    ).default([]),
    vg: text("The group that an lv is in.", name).exactOptional(),
    size: text(
      "Of an lv: `512M`, `20G`, `1T`, `50%VG`, or `100%FREE` of what is free when it is made.",
      {
        pattern: /^(?:[1-9]\d{0,8}[MGT]|(?:[1-9]\d?|100)%(?:VG|FREE))$/,
        wanted: "a size like 20G, 50%VG or 100%FREE",
      },
    ).exactOptional(),
    resize: flag(
      "Grow an lv that is smaller, and the file system on it. None is ever made smaller.",
    ).default(false),
    state: choice(
      "Absent removes it; what is in use is not removed, nor a group with volumes in it.",
      ["present", "absent"],
    ).default("present"),
  })
    .refine((p) => (p.kind === "pv") === p.volume.startsWith("/dev/"), {
      path: ["volume"],
      message: "a pv is named by its device, a vg or an lv by its name",
    })
    .refine((p) => (p.kind === "lv") === (p.vg !== undefined), {
      path: ["vg"],
      message: "an lv, and only an lv, is in a vg",
    })
    .refine((p) => p.kind !== "lv" || p.state === "absent" || p.size !== undefined, {
      path: ["size"],
      message: "an lv has a size",
    })
    .refine((p) => p.kind !== "vg" || p.state === "absent" || p.devices.length > 0, {
      path: ["devices"],
      message: "a vg has one device at least",
    });

type Params = z.output<ReturnType<typeof params>>;

export const lvm = defineResource<Params>({
  name: "lvm",
  summary: "Keeps physical volumes, volume groups and logical volumes.",
  platforms: ["linux"],
  params,
  lane: storage,
  claims: (p) => [{ id: claimOf(p) }],
  after: (p) => {
    if (p.kind === "vg")
      return p.devices.map((path) => `filesystem:${path}`).concat(p.devices.map(pv));
    return p.kind === "lv" ? [`lvm:vg:${p.vg}`] : [`device:${p.volume}`];
  },

  check: (p, host) => kinds[p.kind].check(p, host),
  apply: (p, host, changes) => kinds[p.kind].apply(p, host, changes),

  examples: [
    { title: "A disk for lvm", params: { kind: "pv", volume: "/dev/sdb" } },
    { title: "A group on it", params: { kind: "vg", volume: "data", devices: ["/dev/sdb"] } },
    {
      title: "A volume that grows with its size",
      params: { kind: "lv", volume: "logs", vg: "data", size: "20G", resize: true },
    },
    {
      title: "Not any more",
      params: { kind: "lv", volume: "old", vg: "data", state: "absent" },
    },
  ],
});

const pv = (path: string) => `lvm:pv:${path}`;

/** A logical volume is a device, and what is formatted or mounted by that name comes after it. */
function claimOf({ kind, volume, vg }: Params): string {
  if (kind === "pv") return pv(volume);
  return kind === "vg" ? `lvm:vg:${volume}` : deviceOf(vg ?? "", volume);
}

const deviceOf = (group: string, volume: string) => `device:/dev/${group}/${volume}`;

interface Kind {
  check(p: Params, host: ReadHost): Promise<readonly Change[]>;
  apply(p: Params, host: Host, changes: readonly Change[]): Promise<void>;
}

/** By the device's real name, which is how lvm has them. */
async function groupOn(host: ReadHost, path: string): Promise<string | undefined> {
  return (await physicalVolumes(host)).get(await realDevice(host, path));
}

/** What holds something else does not become lvm's. */
async function mustBeEmpty(host: ReadHost, path: string): Promise<void> {
  const { type } = await signatureOf(host, path);
  if (type === undefined || type === "LVM2_member") return;
  throw new VigoError("failed", `${path} holds ${type}, which is not destroyed`, {
    hint: `if it is not needed any more: \`wipefs --all ${path}\``,
  });
}

const kinds: Readonly<Record<Params["kind"], Kind>> = {
  pv: {
    async check(p, host) {
      const there = (await groupOn(host, p.volume)) === undefined ? undefined : "present";
      if (there === undefined && p.state === "present") await mustBeEmpty(host, p.volume);
      return differing("volume", there, p.state === "present" ? "present" : undefined);
    },
    async apply(p, host) {
      await order(host, p.state === "present" ? "pvcreate" : "pvremove", p.volume);
    },
  },

  vg: {
    async check(p, host) {
      const there = await volumeGroup(host, p.volume);
      if (p.state === "absent") {
        // Those that are somebody's here are to be gone when it is the group's turn.
        await mustHoldNone(p, host, (name) => !host.owned(deviceOf(p.volume, name)));
        return differing("group", there && "present", undefined);
      }
      const missing = await missingDevices(p, host);
      return [
        ...differing("group", there && "present", "present"),
        ...(missing.length === 0 ? [] : differing("devices", undefined, missing.join(", "))),
      ];
    },
    async apply(p, host) {
      if (p.state === "absent") {
        await mustHoldNone(p, host, () => true);
        return await order(host, "vgremove", p.volume);
      }
      const missing = await missingDevices(p, host);
      const isNew = (await volumeGroup(host, p.volume)) === undefined;
      await order(host, isNew ? "vgcreate" : "vgextend", p.volume, ...missing);
    },
  },

  lv: {
    async check(p, host) {
      const group = await volumeGroup(host, p.vg ?? "");
      const is = (await logicalVolumes(host, p.vg ?? "")).get(p.volume);
      const told = is === undefined ? undefined : inMegabytes(is);
      if (p.state === "absent") return differing("size", told, undefined);
      if (group === undefined) return differing("size", told, p.size);
      const wanted = bytesOf(p.size ?? "", group);
      if (is === undefined) return differing("size", undefined, p.size);
      // What is free is another amount as soon as the volume is made.
      const grows = p.resize && is < wanted && !p.size?.endsWith("%FREE");
      if (grows) return differing("size", told, p.size);
      const room = p.resize ? await roomWithin(p, host) : undefined;
      return room === undefined ? [] : differing("file system", room.from, room.to);
    },
    async apply(p, host, changes) {
      const path = `${p.vg}/${p.volume}`;
      if (p.state === "absent") return await order(host, "lvremove", path);
      const size = [p.size?.includes("%") ? "-l" : "-L", p.size ?? ""];
      const isNew = changes.some(({ from }) => from === undefined);
      if (isNew) return await order(host, "lvcreate", ...size, "-n", p.volume, p.vg ?? "");
      if (changes.some(({ field }) => field === "size"))
        await order(host, "lvextend", ...size, path);
      const fstype = await growing(p, host);
      if (fstype !== undefined) await grow(host, pathOf(p), fstype);
    },
  },
};

/** Removing a group would take what is in it along without a word. */
async function mustHoldNone(
  { volume }: Params,
  host: ReadHost,
  counts: (name: string) => boolean,
): Promise<void> {
  const names = [...(await logicalVolumes(host, volume)).keys()].filter(counts);
  if (names.length === 0) return;
  throw new VigoError("failed", `${volume} holds ${names.join(", ")}, which is not destroyed`, {
    hint: `declare the volumes absent too, or \`lvremove ${volume}\``,
  });
}

const pathOf = ({ vg, volume }: Params) => `/dev/${vg}/${volume}`;

/** The kind of file system on it, where that can grow. */
async function growing(p: Params, host: ReadHost): Promise<string | undefined> {
  const { type } = await signatureOf(host, pathOf(p));
  return type !== undefined && canGrow(type) ? type : undefined;
}

/** A volume and the file system on it grow one after the other: who was stopped between them goes on there. */
async function roomWithin(p: Params, host: ReadHost) {
  const fstype = await growing(p, host);
  return fstype === undefined ? undefined : await roomToGrow(host, pathOf(p), fstype);
}

async function missingDevices(p: Params, host: ReadHost): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const path of p.devices) {
    const group = await groupOn(host, path);
    if (group === p.volume) continue;
    if (group !== undefined && group !== "")
      throw new VigoError("failed", `${path} is in the group ${group} already`, {
        hint: `take it out with \`vgreduce ${group} ${path}\`, or correct devices`,
      });
    if (group === undefined) await mustBeEmpty(host, path);
    missing.push(path);
  }
  return missing;
}

const inMegabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
