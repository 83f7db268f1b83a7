/** Spans of time as people write them: `30s`, `5m`, `24h`, `7d`. Must not know what they are for. */
import { text } from "./params.ts";

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof units;

const form = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/;

/** Milliseconds, or undefined when it is not of the form number + unit. */
export function parseDuration(written: string): number | undefined {
  const [, amount, unit] = form.exec(written) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * units[unit as Unit]);
}

/** In the largest unit that leaves no fraction: 90,000 ms is `90s`, 120,000 ms is `2m`. */
export function printDuration(ms: number): string {
  const fits = (["d", "h", "m", "s"] as const).find(
    (unit) => ms >= units[unit] && ms % units[unit] === 0,
  );
  return fits === undefined ? `${ms}ms` : `${ms / units[fits]}${fits}`;
}

/** A parameter that holds such a span; it stays text, for `parseDuration`. */
export const duration = (description: string) =>
  text(description, { pattern: form, wanted: "a duration like 30s, 5m, 24h or 7d" });
