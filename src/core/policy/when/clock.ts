/**
 * Spans of the envoy's local time: `[from, to)`, wrapping past the end when `from` is the greater. Must not know where the
 * time comes from.
 */

export const within = (at: number, from: number, to: number): boolean =>
  from <= to ? from <= at && at < to : from <= at || at < to;

/** Minutes since midnight of `HH:MM`, 00:00 to 24:00. */
export function minutesOf(time: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(time) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && total <= 24 * 60 ? total : undefined;
}

const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** 0 is Sunday. By its name or the first three letters, in any case. */
export function dayOf(name: string): number | undefined {
  const word = name.toLowerCase();
  const day = days.findIndex((known) => known === word || known.slice(0, 3) === word);
  return day < 0 ? undefined : day;
}
