/** The `mount` type: a line of /etc/fstab and what is mounted there now. Must not make file systems: that is `filesystem`. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, parameters, path, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { type FstabEntry, withEntry, withoutEntry } from "../text/fstab.ts";
import { deviceFollows } from "../tools/block-device.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { mountedAt, mountNow, remount, unmount, type Wanted, wrong } from "../tools/mount.ts";
import { mountsAbove, placeFollows } from "../tools/place.ts";
import { readUnitFiles } from "../tools/systemctl.ts";
import { untold, writtenAndTold } from "../tools/untold.ts";

const word = { pattern: /^[^\s\0]+$/, wanted: "one word" };

const params = () =>
  parameters({
    path: path("Where it is mounted; the folder is made when it is missing."),
    device: text(
      "What is mounted: a device, `UUID=…`, `LABEL=…`, `server:/export`, a folder to bind, or `tmpfs`. Needed for mounted and present.",
      { pattern: /^[^\0\n]+$/, wanted: "one line" },
    ).exactOptional(),
    fstype: text("Type of the file system; `none` with the option `bind`.", word).default("auto"),
    options: text("Options, with commas between them.", word).default("defaults"),
    dump: whole("Whether dump(8) saves it.", { max: 9 }).default(0),
    pass: whole("When fsck(8) checks it at boot: 0 never, 1 first, 2 later.", { max: 9 }).default(
      0,
    ),
    state: choice(
      "Mounted is in fstab and mounted; present only in fstab; unmounted is not mounted now; absent is neither.",
      ["mounted", "present", "unmounted", "absent"],
    ).default("mounted"),
  }).refine(({ state, device }) => !isStored(state) || device !== undefined, {
    path: ["device"],
    message: "is required unless state is unmounted or absent",
  });

type Params = z.output<ReturnType<typeof params>>;

const isStored = (state: string) => state === "mounted" || state === "present";

export const mount = defineResource<Params>({
  name: "mount",
  summary: "Keeps a file system mounted, now and at boot.",
  platforms: ["linux"],
  params,
  main: "path",
  lane: editing,
  claims: (p) => [{ id: "file:/etc/fstab", part: `mount:${p.path}` }, { id: claimOf(p) }],
  after: (p) => [
    ...placeFollows(p.path),
    `file:${p.path}`,
    ...mountsAbove(p.path),
    ...(p.device === undefined ? [] : [...deviceFollows(p.device), `file:${p.device}`]),
  ],

  async check(p, host) {
    return [...(await storedDifference(p, host)), ...(await mountDifference(p, host))];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    if (fields.has("fstab") || fields.has("loaded")) {
      const write = () => writeEdit(host, fstab(p));
      // systemd makes units of the table, and would go on with the former ones.
      if (host.os.init !== "systemd") await write();
      else await writtenAndTold(host, claimOf(p), write, () => readUnitFiles(host));
    }
    if (!isStored(p.state)) await unmount(host, p.path);
    else if (p.state === "mounted" && fields.has("mounted")) await putInPlace(p, host);
    else if (fields.has("options")) await remount(host, wanted(p));
  },

  examples: [
    {
      title: "A disk of its own for data",
      params: {
        path: "/srv/data",
        device: "LABEL=data",
        fstype: "ext4",
        options: "noatime,nofail",
        pass: 2,
      },
    },
    {
      title: "A folder in another place",
      params: { path: "/srv/chroot/www", device: "/srv/www", fstype: "none", options: "bind,ro" },
    },
    {
      title: "In memory",
      params: {
        path: "/var/cache/app",
        device: "tmpfs",
        fstype: "tmpfs",
        options: "size=64m,mode=0700",
      },
    },
    { title: "Not any more", params: { path: "/mnt/old", state: "absent" } },
  ],
});

const claimOf = (p: Params) => `mount:${p.path}`;

const wanted = (p: Params): Wanted => ({
  path: p.path,
  device: p.device ?? "none",
  fstype: p.fstype,
  options: p.options.split(","),
});

const entry = (p: Params): FstabEntry => ({
  device: p.device ?? "none",
  path: p.path,
  fstype: p.fstype,
  options: p.options,
  dump: p.dump,
  pass: p.pass,
});

const fstab = (p: Params): FileEdit => ({
  path: "/etc/fstab",
  present: isStored(p.state),
  create: true,
  edit: (doc) =>
    isStored(p.state) ? withEntry(doc, entry(p)) : withoutEntry(doc, { path: p.path }),
});

async function storedDifference(p: Params, host: ReadHost): Promise<readonly Change[]> {
  if (p.state === "unmounted") return [];
  return [...(await editDifference(host, "fstab", fstab(p))), ...(await untold(host, claimOf(p)))];
}

async function mountDifference(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const there = await mountedAt(host, p.path);
  const now = there && `${there.source} (${there.kind})`;
  if (p.state === "unmounted" || p.state === "absent") return differing("mounted", now, undefined);
  if (p.state === "present") return [];
  const difference = await wrong(host, wanted(p), there);
  if (difference === undefined) return [];
  if (difference.field === "mounted")
    return [{ field: "mounted", from: now, to: `${p.device} (${p.fstype})`, cause: "intent" }];
  return [{ ...difference, cause: "intent" }];
}

/** What is mounted there and is something else goes first. */
async function putInPlace(p: Params, host: Host): Promise<void> {
  if ((await mountedAt(host, p.path)) !== undefined) await unmount(host, p.path);
  const there = await host.stat(p.path, { follow: true });
  if (there === undefined) await host.mkdir(p.path, { mode: 0o755 });
  else if (there.kind === "other" || there.kind === "symlink")
    throw new VigoError("failed", `${p.path} is no folder`, { hint: "move away what is there" });
  await mountNow(host, wanted(p));
}
