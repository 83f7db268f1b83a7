/** Tries a resource again as often as it may (`retries:`). Must not know what it does, nor how to wait. */
import type { Change, Outcome } from "../resource.ts";

export interface Patience {
  /** Further attempts after one that failed or was blocked. */
  readonly retries: number;
  /** Waits before the next one; 1 s, then twice as long each time, at most 30 s. False: no more attempts. */
  pause(ms: number): Promise<boolean>;
}

/** What an attempt changed before it failed counts, also when the next one finds nothing left to do. */
export async function attempts(once: () => Promise<Outcome>, patience: Patience): Promise<Outcome> {
  let outcome = await once();
  for (let tried = 0; tried < patience.retries && isBroken(outcome); tried++) {
    if (!(await patience.pause(Math.min(1_000 * 2 ** tried, 30_000)))) break;
    outcome = after(changesOf(outcome), await once());
  }
  return outcome;
}

const isBroken = ({ outcome }: Outcome) => outcome === "failed" || outcome === "blocked";

export const changesOf = (outcome: Outcome): readonly Change[] =>
  "changes" in outcome ? outcome.changes : [];

function after(before: readonly Change[], outcome: Outcome): Outcome {
  if (before.length === 0 || outcome.outcome === "skipped") return outcome;
  const known = new Set(before.map(({ field }) => field));
  const changes = [...before, ...changesOf(outcome).filter(({ field }) => !known.has(field))];
  return outcome.outcome === "ok" ? { outcome: "changed", changes } : { ...outcome, changes };
}
