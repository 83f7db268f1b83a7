/** The `battery` trait, from `/sys/class/power_supply` (Documentation/ABI/testing/sysfs-class-power). Must not know mains. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { unlessCode } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

export const battery = defineTrait({
  name: "battery",
  summary: "Batteries that the machine runs on.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/profile.ts") as typeof import("./darwin/profile.ts")).battery,
    windows: () =>
      (require("./windows/firmware.ts") as typeof import("./windows/firmware.ts")).battery,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      present: z.boolean().meta({ description: "The machine has a battery." }),
      percent: z
        .number()
        .min(0)
        .max(100)
        .meta({ description: "Charge, percent; mean of several; 0 where there is none." }),
      charging: z.boolean().meta({ description: "One of them is being charged." }),
    }),
  async collect(host) {
    const root = "/sys/class/power_supply";
    const supplies = (await host.list(root)) ?? [];
    const read = await Promise.all(supplies.map((name) => readBattery(host, `${root}/${name}`)));
    const batteries = read.filter((found) => found !== undefined);
    const sum = batteries.reduce((total, { percent }) => total + percent, 0);
    return {
      present: batteries.length > 0,
      percent: batteries.length === 0 ? 0 : Math.round((sum / batteries.length) * 10) / 10,
      charging: batteries.some(({ charging }) => charging),
    };
  },
  example: { present: true, percent: 87, charging: false },
});

/** A mouse's battery is one of a device, not of the machine; an empty bay says `present` 0. */
async function readBattery(host: ReadHost, folder: string) {
  const field = async (name: string) =>
    (await unlessCode(["ENODATA", "ENODEV", "ENXIO"], fileLine(host, `${folder}/${name}`))) ?? "";
  if ((await field("type")) !== "Battery" || (await field("scope")) === "Device") return undefined;
  if ((await field("present")) === "0") return undefined;
  const percent = Number((await field("capacity")) || 0);
  return {
    percent: Math.min(100, Math.max(0, percent)),
    charging: (await field("status")) === "Charging",
  };
}
