/** When something that was asked for ends. Must not know what it is. */
import { parseDuration } from "../../core/duration.ts";
import { VigoError } from "../../core/errors.ts";

const year = 366 * 86_400_000;

/** Milliseconds since 1970. Throws `invalid` for a life that is none, or too long. */
export function expiry(expires: string, now: number): number {
  const ms = parseDuration(expires) ?? 0;
  if (ms > 0 && ms <= year) return now + ms;
  throw new VigoError(
    "invalid",
    `body: expires: must be more than 0 and at most a year, not ${expires}`,
  );
}
