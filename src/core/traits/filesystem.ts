/**
 * The `filesystem` trait: how full the local file systems are. Network ones are left out, because asking one whose server is
 * gone would stop the agent; images that are always full (squashfs, iso9660) tell nothing. Must not know block devices.
 */
import { z } from "zod";
import { fileText } from "../tools/file-text.ts";
import { type Mount, parseMountinfo } from "../tools/mountinfo.ts";
import { usedFigures } from "../tools/percent.ts";
import { defineTrait } from "../trait.ts";

const share = () => z.number().min(0).max(100);

export const filesystem = defineTrait({
  name: "filesystem",
  summary: "How full the local file systems are.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/disks.ts") as typeof import("./darwin/disks.ts")).filesystem,
    windows: () =>
      (require("./windows/disks.ts") as typeof import("./windows/disks.ts")).filesystem,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      root_used_pct: share().meta({
        description: "Share of `/` that is used, percent; of the drive that Windows is on.",
      }),
      mounts: z
        .record(
          z.string(),
          z.strictObject({
            size_mb: z.int().min(0).meta({ description: "Size, MiB." }),
            used_pct: share().meta({
              description: "Share that is used, as df(1) counts it, percent.",
            }),
            inodes_used_pct: share().meta({
              description: "Share of inodes that is used, percent; 0 where there are none.",
            }),
          }),
        )
        .meta({ description: "By mount point." }),
    }),
  async collect(host) {
    const mounted = await fileText(host, "/proc/self/mountinfo");
    if (mounted === undefined) return undefined;
    const mounts: Record<string, ReturnType<typeof usedFigures>> = {};
    for (const { path } of localMounts(parseMountinfo(mounted))) {
      // Containers have single files mounted over theirs.
      if ((await host.stat(path, { follow: true }))?.kind !== "directory") continue;
      const told = await host.statfs(path);
      if (told !== undefined) mounts[path] = usedFigures(told);
    }
    return { root_used_pct: mounts["/"]?.used_pct ?? 0, mounts };
  },
  example: {
    root_used_pct: 41.2,
    mounts: {
      "/": { size_mb: 50_270, used_pct: 41.2, inodes_used_pct: 7.5 },
      "/boot/efi": { size_mb: 511, used_pct: 1.2, inodes_used_pct: 0 },
    },
  },
});

const kinds: ReadonlySet<string> = new Set(
  "ext2 ext3 ext4 xfs btrfs zfs f2fs bcachefs jfs reiserfs nilfs2 vfat exfat ntfs3 ubifs".split(
    " ",
  ),
);

/** Most machines have a handful; a host of a thousand containers shall not send a thousand. */
const mostMounts = 200;

/** One of each file system, where it was mounted first; and the root whatever it is. A later mount on a path hides a former one. */
export function localMounts(mounts: readonly Mount[]): readonly Mount[] {
  const visible = [...new Map(mounts.map((mount) => [mount.path, mount])).values()];
  const wanted = visible.filter(({ path, kind }) => path === "/" || kinds.has(kind));
  const first = new Map<string, Mount>();
  for (const mount of wanted) if (!first.has(mount.device)) first.set(mount.device, mount);
  return [...first.values()].slice(0, mostMounts);
}
