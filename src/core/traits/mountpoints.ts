/** The `mountpoints` trait: what is mounted where, from `/proc/self/mounts`. Must not know how full it is. */
import { z } from "zod";
import { headOf } from "../text/cut.ts";
import { fileText } from "../tools/file-text.ts";
import { parseMounts } from "../tools/mountinfo.ts";
import { defineTrait } from "../trait.ts";

/** A host of containers has thousands; they are told from the root downwards, in the order of mounting. */
const most = 500;
/** The layers of a container are a list of folders that can fill pages. */
const longest = 200;

export const mountpoints = defineTrait({
  name: "mountpoints",
  summary: "File systems that are mounted.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/disks.ts") as typeof import("./darwin/disks.ts")).mountpoints,
    windows: () =>
      (require("./windows/disks.ts") as typeof import("./windows/disks.ts")).mountpoints,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      mounts: z
        .array(
          z.strictObject({
            path: z.string(),
            device: z.string(),
            fstype: z.string(),
            options: z.array(z.string()),
          }),
        )
        .meta({
          description: `What one can see of each: path, device (or export, or a word), kind, options in force (200 characters of each). In the order of mounting, ${most} at most.`,
        }),
    }),
  async collect(host) {
    const text = await fileText(host, "/proc/self/mounts");
    return text === undefined ? undefined : { mounts: mountsIn(text) };
  },
  example: {
    mounts: [
      { path: "/", device: "/dev/vda1", fstype: "ext4", options: ["rw", "relatime"] },
      { path: "/tmp", device: "tmpfs", fstype: "tmpfs", options: ["rw", "nosuid", "nodev"] },
    ],
  },
});

export const mountsIn = (text: string) =>
  parseMounts(text)
    .slice(0, most)
    .map(({ path, source, kind, options }) => ({
      path,
      device: source,
      fstype: kind,
      options: options.map((option) => headOf(option, longest)),
    }));
