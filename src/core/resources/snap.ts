/** The `snap` type: snaps, and the channels they follow. Must not know snapd: that refreshes them by itself. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import { choice, flag, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { type InstalledSnap, installedSnaps, snap as run, wholeChannel } from "../tools/snap.ts";

const params = () =>
  parameters({
    package: text("Name of the snap.", {
      pattern: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:_[a-z0-9]{1,10})?$/,
      wanted: "the name of a snap",
    }),
    state: choice("Absent removes it.", ["present", "absent"]).default("present"),
    channel: text("The channel it follows: `edge`, `1.2/stable` … Left as it is when not said.", {
      pattern: /^[A-Za-z0-9][\w.+-]*(?:\/[\w.+-]+){0,2}$/,
      wanted: "a channel like latest/stable",
    }).exactOptional(),
    classic: flag("It may do anything on the machine; some snaps want that.").default(false),
  });

type Params = z.output<ReturnType<typeof params>>;

export const snap = defineResource<Params>({
  name: "snap",
  summary: "Keeps a snap installed, on its channel.",
  platforms: ["linux"],
  params,
  main: "package",
  lane: "package",
  claims: (p) => [{ id: `snap:${p.package}` }],
  after: () => ["package:snapd", "service:snapd"],

  async check(p, host) {
    const there = (await installedSnaps(host)).get(p.package);
    if (p.state === "absent") return differing("version", there?.version, undefined);
    if (there === undefined) return differing("version", undefined, "installed");
    return channelChange(p, there);
  },

  async apply(p, host, changes) {
    const channel = p.channel === undefined ? [] : [`--channel=${wholeChannel(p.channel)}`];
    if (p.state === "absent") return await run(host, "remove", p.package);
    const isNew = changes.some(({ field }) => field === "version");
    const classic = p.classic ? ["--classic"] : [];
    if (isNew) await run(host, "install", ...channel, ...classic, p.package);
    else await run(host, "refresh", ...channel, p.package);
  },

  examples: [
    { title: "A snap", params: { package: "hello-world" } },
    {
      title: "From another channel, with the whole machine at its hands",
      params: { package: "node", channel: "20/stable", classic: true },
    },
    { title: "No such snap", params: { package: "lxd", state: "absent" } },
  ],
});

/** Confinement is decided when a snap is installed. */
function channelChange(p: Params, there: InstalledSnap): readonly Change[] {
  if (p.classic && !there.classic)
    throw new VigoError("failed", `snap ${p.package} is installed, and confined`, {
      hint: `remove it first (snap remove ${p.package}), or leave classic out`,
    });
  if (p.channel === undefined) return [];
  return differing("channel", there.channel, wholeChannel(p.channel));
}
