/** The `filesystem` type: what a device is formatted as. Must not mount it: that is `mount`. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, flag, list, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { signatureOf, storage } from "../tools/block-device.ts";
import {
  canGrow,
  fileSystemKinds,
  grow,
  isUnfinished,
  longestLabel,
  makeFileSystem,
  mountedOn,
  relabel,
  roomToGrow,
  wipe,
} from "../tools/file-systems.ts";

const params = () =>
  parameters({
    device: text("The device, as `/dev/sdb1` or `/dev/vg0/data`.", {
      pattern: /^\/dev\/[^\s\0]+$/,
      wanted: "a device below /dev",
    }),
    fstype: choice("What it is formatted as.", fileSystemKinds),
    label: text("Name of the file system; an empty one takes it away. Left alone when not said.", {
      pattern: /^[A-Za-z0-9_.:+-]*$/,
      wanted: "letters, digits and _ . : + -",
    }).exactOptional(),
    options: list(
      "Words for mkfs, used only when it is made.",
      text("A word for mkfs.", { pattern: /^[^\0]+$/, wanted: "a word" }),
    ).default([]),
    force: flag("What else is on the device may be destroyed.").default(false),
    resize: flag("Grow it to the size of its device.").default(false),
    state: choice("Absent erases the mark of the file system, which needs `force`.", [
      "present",
      "absent",
    ]).default("present"),
  })
    .refine((p) => (p.label ?? "").length <= longestLabel(p.fstype), {
      path: ["label"],
      message: "is longer than this kind of file system can keep",
    })
    .refine((p) => !p.resize || canGrow(p.fstype), {
      path: ["resize"],
      message: "this kind of file system cannot grow",
    });

type Params = z.output<ReturnType<typeof params>>;

export const filesystem = defineResource<Params>({
  name: "filesystem",
  summary: "Formats a device that is empty, names it and lets it grow.",
  platforms: ["linux"],
  params,
  main: "device",
  lane: storage,
  claims: (p) => [{ id: `filesystem:${p.device}` }],
  after: (p) => [`device:${p.device}`],

  async check(p, host) {
    const { type, label } = await signatureOf(host, p.device);
    if (p.state === "absent") {
      if (type === p.fstype && !p.force) throw precious(p.device, type);
      return type === p.fstype ? differing("fstype", type, undefined) : [];
    }
    if (type === p.fstype) return await ownDifferences(p, host, label);
    if (type !== undefined && !p.force) throw precious(p.device, type);
    return [
      ...differing("fstype", type, p.fstype),
      ...(p.label ? differing("label", undefined, p.label) : []),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    if (fields.has("fstype")) {
      if ((await host.stat(p.device, { follow: true })) === undefined)
        throw new VigoError("failed", `there is no device ${p.device}`, {
          hint: "`lsblk` lists those that are there",
        });
      const mounted = await mountedOn(host, p.device);
      if (mounted !== undefined)
        throw new VigoError("failed", `${p.device} is mounted on ${mounted}`, {
          hint: "unmount it first; nothing was written",
        });
      const { type } = await signatureOf(host, p.device);
      if (type !== undefined) await wipe(host, p.device);
      if (p.state === "present") await makeFileSystem(host, { ...p, label: p.label || undefined });
      return;
    }
    if (fields.has("label")) await relabel(host, p.device, p.fstype, p.label ?? "");
    if (fields.has("size")) await grow(host, p.device, p.fstype);
  },

  examples: [
    {
      title: "Where there is none yet",
      params: { device: "/dev/sdb1", fstype: "ext4", label: "data" },
    },
    {
      title: "As big as its volume",
      params: { device: "/dev/vg0/logs", fstype: "xfs", resize: true },
    },
    {
      title: "Without a journal",
      params: { device: "/dev/sdc", fstype: "ext4", options: ["-O", "^has_journal"] },
    },
    {
      title: "No file system any more",
      params: { device: "/dev/sdd", fstype: "ext4", state: "absent", force: true },
    },
  ],
});

/** Of what is formatted as it should be. */
async function ownDifferences(
  p: Params,
  host: ReadHost,
  label: string | undefined,
): Promise<readonly Change[]> {
  if (await isUnfinished(host, p.device, p.fstype))
    return differing("fstype", `unfinished ${p.fstype}`, p.fstype);
  return [
    ...(p.label === undefined ? [] : differing("label", label, p.label || undefined)),
    ...(p.resize ? await sizeDifference(p, host) : []),
  ];
}

const precious = (device: string, type: string) =>
  new VigoError("failed", `${device} holds ${type}, which is not destroyed`, {
    hint: "say force: true if nothing on it is needed",
  });

async function sizeDifference(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const room = await roomToGrow(host, p.device, p.fstype);
  return room === undefined ? [] : differing("size", room.from, room.to);
}
