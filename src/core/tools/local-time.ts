/** The time of day in a time zone, by the zone tables of the runtime. Must not know which zone a machine is in. */

export const weekdays = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;

export const isTimezone = (name: string) => {
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

/** With the offset where the name of the zone is not one that everybody knows. */
export function localTime(now: Date, timezone: string, utc_offset = offsetOf(now, timezone)) {
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
