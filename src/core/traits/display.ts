/**
 * The `display` trait: which screens are connected, from `/sys/class/drm`, and what draws on them. Must not know what is shown.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { preferredMode } from "../tools/edid.ts";
import { fileLine } from "../tools/file-text.ts";
import { gone, pidsOf } from "../tools/processes.ts";
import { defineTrait } from "../trait.ts";

export const display = defineTrait({
  name: "display",
  summary: "Screens that are connected.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/profile.ts") as typeof import("./darwin/profile.ts")).display,
    windows: () =>
      (require("./windows/firmware.ts") as typeof import("./windows/firmware.ts")).display,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      server: z
        .enum(["x11", "wayland", "quartz", "windows", "none"])
        .meta({ description: "What draws on them." }),
      outputs: z
        .array(
          z.strictObject({
            name: z.string(),
            width: z.int().min(0),
            height: z.int().min(0),
            refresh_hz: z.number().min(0),
          }),
        )
        .meta({
          description:
            "Connected outputs: name (`HDMI-A-1`), the size that suits the screen best in pixels, its refresh rate in Hz; 0 where the screen does not tell.",
        }),
    }),
  async collect(host) {
    const entries = (await host.list("/sys/class/drm")) ?? [];
    const connectors = entries.filter((name) => /^card\d+-/.test(name)).slice(0, 64);
    const outputs = await Promise.all(connectors.map((name) => readOutput(host, name)));
    return { server: await serverOf(host), outputs: outputs.flat() };
  },
  example: {
    server: "x11",
    outputs: [{ name: "HDMI-A-1", width: 1920, height: 1080, refresh_hz: 60 }],
  },
});

/** The screen says itself what suits it (EDID); else the first of the modes that the driver lists. */
async function readOutput(host: ReadHost, connector: string) {
  const folder = `/sys/class/drm/${connector}`;
  if ((await fileLine(host, `${folder}/status`)) !== "connected") return [];
  const name = connector.replace(/^card\d+-/, "");
  const edid = await host.read(`${folder}/edid`, { limit: 4_096 });
  const told = edid === undefined ? undefined : preferredMode(edid);
  if (told !== undefined) return [{ name, ...told }];
  const [, width, height] = /^(\d+)x(\d+)/.exec(await fileLine(host, `${folder}/modes`)) ?? [];
  return [{ name, width: Number(width ?? 0), height: Number(height ?? 0), refresh_hz: 0 }];
}

/** Xwayland is part of a compositor, so Wayland goes first. A compositor listens on `wayland-0` in its user's folder. */
async function serverOf(host: ReadHost): Promise<"x11" | "wayland" | "none"> {
  const users = (await host.list("/run/user")) ?? [];
  const folders = await Promise.all(users.map((uid) => host.list(`/run/user/${uid}`)));
  if (folders.some((names) => names?.some((name) => /^wayland-\d+$/.test(name)))) return "wayland";
  for (const pid of await pidsOf(host))
    if (/^X(?:org|vfb|vnc)?$/.test((await gone(fileLine(host, `/proc/${pid}/comm`))) ?? ""))
      return "x11";
  return "none";
}
