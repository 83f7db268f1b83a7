/** When the next check-in is due. Pure; must not know what a check-in is. */
import type { VigoError } from "../../core/errors.ts";

const minute = 60_000;
const longest = 5 * minute;

/** Of the interval, where the server says nothing else. */
export const usualSplay = 0.1;

/**
 * `random` is in [0, 1), `splay` the share of the interval around its end over which calls are spread, so that a fleet that started
 * together does not stay together.
 */
export const spread = (intervalMs: number, random: number, splay = usualSplay): number =>
  Math.max(100, Math.round(intervalMs * (1 - splay / 2 + random * splay)));

/** After `failures` in a row: the interval, doubled each time up to 8 intervals or 5 minutes, whichever is less; half to one and a half of it. */
export function backoff(failure: VigoError, failures: number, intervalMs: number, random: number) {
  const waits = 0.5 + random;
  if (isRefusal(failure)) return Math.round(Math.max(longest, intervalMs) * waits);
  const cap = Math.max(intervalMs, Math.min(8 * intervalMs, longest));
  return Math.max(100, Math.round(Math.min(intervalMs * 2 ** (failures - 1), cap) * waits));
}

/** The server was reached and does not want this envoy, or not now: asking again soon is of no use. */
const isRefusal = ({ failure }: VigoError): boolean =>
  failure === "missing" ||
  failure === "denied" ||
  failure === "unauthenticated" ||
  failure === "limited";

/** Before the first check-in of a daemon that has something to enforce already: a whole fleet may have got its power back. */
export const firstDelay = (intervalMs: number, random: number): number =>
  Math.round(Math.min(intervalMs * 0.1, 30_000) * random);
