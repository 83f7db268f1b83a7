/** Hours in which nobody is woken for less than a critical event. Must not know events. */

export interface QuietHours {
  /** `22:00`. */
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
}

const day = 24 * 60;
const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** When the quiet that holds now is over; undefined when none does. */
export function quietUntil(now: number, hours: QuietHours | undefined): number | undefined {
  if (hours === undefined) return undefined;
  const local = new Intl.DateTimeFormat("en-GB", {
    timeZone: hours.timezone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(now);
  const [at, from, to] = [local, hours.from, hours.to].map(minutesOf) as [number, number, number];
  const isQuiet = from <= to ? at >= from && at < to : at >= from || at < to;
  if (!isQuiet) return undefined;
  const left = (to - at + day) % day;
  return Math.floor(now / 60_000) * 60_000 + left * 60_000;
}
