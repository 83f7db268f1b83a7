/**
 * The `time` trait: the clock as this machine's people see it, and whether it is kept in step. Must not know time services
 * beyond what they say about themselves.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { isTimezone, localTime, weekdays } from "../tools/local-time.ts";
import { defineTrait } from "../trait.ts";

const whole = (least: number, most: number, description: string) =>
  z.int().min(least).max(most).meta({ description });

export const time = defineTrait({
  name: "time",
  summary: "Local time, time zone, and whether the clock is kept in step.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/settings.ts") as typeof import("./darwin/settings.ts")).time,
    windows: () =>
      (require("./windows/software.ts") as typeof import("./windows/software.ts")).time,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      hour: whole(0, 23, "Hour of the day."),
      minute: whole(0, 59, "Minute of the hour."),
      weekday: z.enum(weekdays).meta({ description: "Day of the week." }),
      day: whole(1, 31, "Day of the month."),
      month: whole(1, 12, "Month of the year."),
      year: whole(1970, 9999, "Year."),
      timezone: z.string().meta({
        description:
          "Name of the time zone, as Europe/Berlin; UTC; on Windows its own, as W. Europe Standard Time.",
      }),
      utc_offset: z.string().meta({ description: "Ahead of UTC by so much: `+02:00`." }),
      clock: z.string().meta({ description: "Time of day: `14:05`." }),
      date: z.string().meta({ description: "Date: `2026-01-31`." }),
      ntp_synchronized: z.boolean().meta({
        description:
          "A time service (systemd-timesyncd, chrony) says that the clock is in step; false where none says so. On macOS and Windows: it is told to keep it so.",
      }),
    }),
  async collect(host) {
    return {
      ...localTime(host.now(), await timezoneOf(host)),
      ntp_synchronized: await isInStep(host),
    };
  },
  example: {
    hour: 14,
    minute: 5,
    weekday: "saturday",
    day: 31,
    month: 1,
    year: 2026,
    timezone: "Europe/Berlin",
    utc_offset: "+01:00",
    clock: "14:05",
    date: "2026-01-31",
    ntp_synchronized: true,
  },
});

/** The link is what the C library obeys; `/etc/timezone` is a note beside it. Neither means UTC. */
async function timezoneOf(host: ReadHost): Promise<string> {
  const link = await host.stat("/etc/localtime");
  const [, linked] = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(link?.target ?? "") ?? [];
  const name = linked ?? (link === undefined ? "UTC" : await fileLine(host, "/etc/timezone"));
  return isTimezone(name) ? name : "UTC";
}

/** timesyncd leaves a file since its last answer from a server; chrony is asked, where it runs. */
async function isInStep(host: ReadHost): Promise<boolean> {
  if ((await host.stat("/run/systemd/timesync/synchronized")) !== undefined) return true;
  const pids = ["/run/chrony/chronyd.pid", "/run/chronyd.pid"];
  const running = await Promise.all(pids.map((path) => host.stat(path)));
  if (running.every((pid) => pid === undefined)) return false;
  const { code, stdout } = await host.query({
    argv: ["chronyc", "-n", "-c", "tracking"],
    timeoutMs: 2_000,
  });
  return code === 0 && isTracking(stdout);
}

/** chronyc(1), -c: the last of the fields is the leap status; `Not synchronised` is the one that means no. */
export const isTracking = (csv: string): boolean => {
  const leap = csv.trim().split(",").at(-1) ?? "";
  return leap !== "" && !/^not synchroni[sz]ed$/i.test(leap);
};
