/** How long to wait before a stream is opened again. Pure; must not know streams. */
import type { VigoError } from "../../../core/errors.ts";

const longestMs = 60_000;
/** The server does not want it: nothing changes that soon. */
const refusedMs = 300_000;

/** Half to the whole of a time that doubles with each failure: a server that comes back is not called by all at once. */
export function reconnectMs(
  failure: VigoError | undefined,
  failures: number,
  shortestMs: number,
  random: number,
): number {
  const refused = failure !== undefined && failure.failure !== "unavailable";
  const most = refused ? refusedMs : Math.min(longestMs, shortestMs * 2 ** Math.min(failures, 10));
  return Math.round(most * (0.5 + random / 2));
}
