/**
 * The `time` trait: the clock as this machine's people see it, and whether it is kept in step. Must not know time services
 * beyond what they say about themselves.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

const weekdays = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;
const whole = (least: number, most: number, description: string) =>
  z.int().min(least).max(most).meta({ description });

export const time = defineTrait({
  name: "time",
  summary: "Local time, time zone, and whether the clock is kept in step.",
  platforms: ["linux"],
  keep: "run",
  value: () =>
    z.strictObject({
      hour: whole(0, 23, "Hour of the day."),
      minute: whole(0, 59, "Minute of the hour."),
      weekday: z.enum(weekdays).meta({ description: "Day of the week." }),
      day: whole(1, 31, "Day of the month."),
      month: whole(1, 12, "Month of the year."),
      year: whole(1970, 9999, "Year."),
      timezone: z.string().meta({ description: "Name of the time zone, as Europe/Berlin; UTC." }),
      utc_offset: z.string().meta({ description: "Ahead of UTC by so much: `+02:00`." }),
      clock: z.string().meta({ description: "Time of day: `14:05`." }),
      date: z.string().meta({ description: "Date: `2026-01-31`." }),
      ntp_synchronized: z.boolean().meta({
        description:
          "A time service (systemd-timesyncd, chrony) says that the clock is in step; false where none says so.",
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

const isTimezone = (name: string) => {
  try {
    return name !== "" && offsetOf(new Date(0), name) !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

const universal = /^(?:Etc\/)?(?:UTC|UCT|Universal|Zulu)$/;

/** To make one takes longer than most of the other traits. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** `+01:00`. Throws a RangeError where there is no such zone. */
function offsetOf(now: Date, timeZone: string): string {
  if (universal.test(timeZone)) return "+00:00";
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", { timeZone, timeZoneName: "longOffset" });
  formats.clear();
  formats.set(timeZone, format);
  const parts = format.formatToParts(now);
  const said = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return said.replace("GMT", "") || "+00:00";
}

export function localTime(now: Date, timezone: string) {
  const utc_offset = offsetOf(now, timezone);
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)/.exec(utc_offset) ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
  const local = new Date(now.getTime() + shift);
  const iso = local.toISOString();
  return {
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    weekday: weekdays[local.getUTCDay()] ?? "sunday",
    day: local.getUTCDate(),
    month: local.getUTCMonth() + 1,
    year: local.getUTCFullYear(),
    timezone,
    utc_offset,
    clock: iso.slice(11, 16),
    date: iso.slice(0, 10),
  };
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
