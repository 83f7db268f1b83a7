/** Moments as people say them. Must not know what happened then. */

const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
] as const;

/** `3m ago`, `in 2d`, `now`; a moment that never was is `never`. */
export function relative(moment: string | undefined, now: Date): string {
  if (moment === undefined) return "never";
  const ms = Date.parse(moment) - now.getTime();
  const span = printSpan(Math.abs(ms));
  if (span === "0s") return "now";
  return ms < 0 ? `${span} ago` : `in ${span}`;
}

/** Rounded down, but first to whole minutes: what began a moment ago and holds for a day has a day left, not 23 hours. */
function printSpan(exact: number): string {
  const ms = exact < 3_540_000 ? exact : Math.round(exact / 60_000) * 60_000;
  for (const [size, unit] of units) if (ms >= size) return `${Math.floor(ms / size)}${unit}`;
  return "0s";
}

/** How long something took: `12 ms`, `3.4 s`, `2m 5s`. */
export function took(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)}m ${Math.round((ms % 60_000) / 1_000)}s`;
}
