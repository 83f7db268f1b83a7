/** The `swap` type: a file or a device that memory is moved to, now and at boot. Must not partition disks. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { atMostOne, choice, parameters, path, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { swapsIn, withEntry, withoutEntry } from "../text/fstab.ts";
import { parseLines } from "../text/lines.ts";
import { deviceFollows, realDevice, signatureOf } from "../tools/block-device.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { fileText } from "../tools/file-text.ts";
import { mountsAbove, placeFollows } from "../tools/place.ts";
import { isZeros, makeSwap, reserve, swapInUse, swapOff, swapOn } from "../tools/swap.ts";
import { kindWords } from "../tools/entry-kind.ts";

const params = () =>
  parameters({
    path: path("A file, which is made with `size_mb`.").exactOptional(),
    device: text("A device instead, or `UUID=…`, `LABEL=…`.", {
      pattern: /^(?:\/dev\/|[A-Z]+=)[^\s\0]+$/,
      wanted: "a device below /dev, or UUID=… or LABEL=…",
    }).exactOptional(),
    size_mb: whole("Size of the file in MiB.", { min: 1, max: 16_777_216 }).exactOptional(),
    priority: whole("Higher is used first; the kernel chooses when it is not said.", {
      max: 32_767,
    }).exactOptional(),
    state: choice("Absent takes it out of use and removes the file; a device keeps its mark.", [
      "present",
      "absent",
    ]).default("present"),
  })
    .refine(atMostOne(["path", "device"]), {
      path: ["path"],
      message: "path and device exclude one another",
    })
    .refine((p) => p.path !== undefined || p.device !== undefined, {
      path: ["path"],
      message: "path or device is required",
    })
    .refine((p) => p.path === undefined || p.state === "absent" || p.size_mb !== undefined, {
      path: ["size_mb"],
      message: "is required with path",
    })
    .refine(atMostOne(["device", "size_mb"]), {
      path: ["size_mb"],
      message: "a device has the size it has",
    });

type Params = z.output<ReturnType<typeof params>>;

const placeOf = (p: Params): string => p.path ?? p.device ?? "";

export const swap = defineResource<Params>({
  name: "swap",
  summary: "Keeps a file or a device as swap, now and at boot.",
  platforms: ["linux"],
  params,
  lane: editing,
  claims: (p) => [
    { id: "file:/etc/fstab", part: `swap:${placeOf(p)}` },
    p.path === undefined ? { id: `filesystem:${p.device}` } : { id: `file:${p.path}` },
  ],
  after: (p) =>
    p.path === undefined
      ? deviceFollows(p.device ?? "").filter((id) => id.startsWith("device:"))
      : [...placeFollows(p.path), ...mountsAbove(p.path)],

  async check(p, host) {
    const stored = await editDifference(host, "fstab", await fstab(p, host));
    const used = await swapInUse(host, placeOf(p));
    if (p.state === "absent") {
      const there = p.path === undefined ? undefined : await ownSpace(host, p.path);
      const size = there && inMegabytes(there.bytes);
      return [
        ...differing("active", used && "true", undefined),
        ...stored,
        ...differing("size", size, undefined),
      ];
    }
    return [
      ...(await spaceDifference(p, host)),
      ...stored,
      ...differing("active", used ? "true" : undefined, "true"),
      ...(used && p.priority !== undefined
        ? differing("priority", `${used.priority}`, `${p.priority}`)
        : []),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    const place = placeOf(p);
    const used = await swapInUse(host, place);
    if (p.state === "absent") {
      await writeEdit(host, await fstab(p, host));
      if (used !== undefined) await swapOff(host, place);
      if (p.path !== undefined) await host.remove(p.path);
      return;
    }
    // Of what is in use much may have to find room elsewhere: a line of fstab or a mode is no reason.
    if (used !== undefined && restful.some((field) => fields.has(field)))
      await swapOff(host, place);
    if (fields.has("size") && p.path !== undefined)
      await reserve(host, p.path, (p.size_mb ?? 0) * mebi);
    if (fields.has("size") || fields.has("mark")) await makeSwap(host, place);
    if (fields.has("mode") && p.path !== undefined) await host.chmod(p.path, 0o600);
    await writeEdit(host, await fstab(p, host));
    if ((await swapInUse(host, place)) === undefined) await swapOn(host, place, p.priority);
  },

  examples: [
    { title: "A file of 2 GiB", params: { path: "/swapfile", size_mb: 2048 } },
    { title: "A volume, used first", params: { device: "/dev/vg0/swap", priority: 10 } },
    { title: "Not any more", params: { path: "/swapfile", state: "absent" } },
  ],
});

/** What cannot change while it is in use. */
const restful = ["size", "mark", "priority"];

const mebi = 1024 * 1024;
const inMegabytes = (bytes: number) => `${bytes / mebi} MiB`;

async function fstab(p: Params, host: ReadHost): Promise<FileEdit> {
  const names = await storedNames(p, host);
  const device = names[0] ?? placeOf(p);
  const options = p.priority === undefined ? "sw" : `sw,pri=${p.priority}`;
  const entry = { device, path: "none", fstype: "swap", options, dump: 0, pass: 0 };
  const present = p.state === "present";
  return {
    path: table,
    present,
    create: true,
    edit: (doc) =>
      present
        ? withEntry(doc, entry)
        : names.reduce((left, swap) => withoutEntry(left, { swap }), doc),
  };
}

const table = "/etc/fstab";

/** What fstab calls it: whoever installed the machine may have written `UUID=…` for the same device. */
async function storedNames(p: Params, host: ReadHost): Promise<readonly string[]> {
  const place = placeOf(p);
  const real = await realDevice(host, place);
  const names: string[] = [];
  for (const name of new Set(swapsIn(parseLines((await fileText(host, table)) ?? ""))))
    if (name === place || (await realDevice(host, name)) === real) names.push(name);
  return names.toSorted((a, b) => Number(b === place) - Number(a === place));
}

/** Its size, who may read it, and whether it is marked as swap. */
async function spaceDifference(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const place = placeOf(p);
  if (p.path === undefined) return markDifference(place, (await signatureOf(host, place)).type);
  const there = await ownSpace(host, p.path);
  const size = inMegabytes((p.size_mb ?? 0) * mebi);
  if (there === undefined) return differing("size", undefined, size);
  return [
    ...differing("size", inMegabytes(there.bytes), size),
    ...there.mark,
    ...differing("mode", there.mode.toString(8), "600"),
  ];
}

/**
 * What is there of the file. Space that was reserved and not marked before somebody stopped it is all zeros; what is neither marked
 * nor that is somebody's file, as a wrong path would have it.
 */
async function ownSpace(host: ReadHost, path: string) {
  const there = await host.stat(path);
  if (there === undefined) return undefined;
  if (there.kind !== "file")
    throw new VigoError("failed", `${path} is ${kindWords(there)}, not a file`, {
      hint: "give another path, or move away what is there",
    });
  const { type } = await signatureOf(host, path);
  const mark = markDifference(path, type);
  if (type === undefined && there.bytes > 0 && !(await isZeros(host, path, there.bytes)))
    throw new VigoError("failed", `${path} is a file of something else, which is left as it is`, {
      hint: "give another path, or move away what is there",
    });
  return { bytes: there.bytes, mode: there.mode, mark };
}

/** What holds something else is not overwritten. */
function markDifference(place: string, type: string | undefined): readonly Change[] {
  if (type !== undefined && !/^sw(?:ap|suspend)$/.test(type))
    throw new VigoError("failed", `${place} holds ${type}, which is not overwritten`, {
      hint: `if it is not needed any more: \`wipefs --all ${place}\``,
    });
  return differing("mark", type, "swap");
}
