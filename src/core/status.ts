/**
 * How an envoy stands, decided from the little that is kept about it (docs/design/semantics.md §8). Pure; must not know
 * who keeps it, nor how it is shown.
 */
import type { RunReport } from "./converge/report.ts";
import type { Cause } from "./resource.ts";

/** In the order in which they are decided. */
export const statuses = [
  "offline",
  "no data",
  "failed",
  "degraded",
  "diverged",
  "relapsed",
  "changed",
  "converged",
] as const;

export type Status = (typeof statuses)[number];

/** What of a run is kept in memory. */
export interface RunHead {
  readonly number: number;
  readonly policyVersion: number;
  readonly startedAt: number;
  readonly outcome: RunReport["outcome"];
  readonly counts: RunReport["counts"];
  /** Why it changed what it changed; empty when it changed nothing. */
  readonly causes: readonly Cause[];
}

export interface Standing {
  /** Of the last contact, or of the enrolment when there was none. */
  readonly lastContactAt: number;
  /** Silence from which on it counts as offline. */
  readonly offlineAfterMs: number;
  /** Its newest runs that changed something or failed, the newest first; as many as `divergedAfter`. */
  readonly newest: readonly RunHead[];
  /** Number of the newest run known to have changed nothing. */
  readonly steadyTo: number | undefined;
  /** `convergence.diverged_after` (d: 3). */
  readonly divergedAfter: number;
}

export function statusOf(standing: Standing, now: number): Status {
  if (now - standing.lastContactAt > standing.offlineAfterMs) return "offline";
  const run = lastUnsteady(standing);
  if (run === undefined) return standing.steadyTo === undefined ? "no data" : "converged";
  return broken(run) ?? drifting(standing) ?? (run.counts.changed > 0 ? "changed" : "converged");
}

/** Resources that the last run left pending. */
export const pendingOf = (standing: Standing): number =>
  lastUnsteady(standing)?.counts.pending ?? 0;

/** Converged for the fleet's figure: so, or changed by intent only. */
export const countsAsConverged = (standing: Standing, status: Status): boolean =>
  status === "converged" ||
  (status === "changed" && lastUnsteady(standing)?.causes.every((c) => c === "intent") === true);

/** The last run, if it is one that changed something or failed. */
function lastUnsteady({ newest, steadyTo = -1 }: Standing): RunHead | undefined {
  const [run] = newest;
  return run !== undefined && run.number > steadyTo ? run : undefined;
}

/** Work is what was not as it should be: changed, failed or blocked. None of it done, or a run that never began, is `failed`. */
function broken({ outcome, counts }: RunHead): Status | undefined {
  const undone = counts.failed + counts.blocked;
  if (undone > 0) return counts.changed === 0 ? "failed" : "degraded";
  return outcome === "failed" ? "failed" : undefined;
}

function drifting({ newest, divergedAfter }: Standing): Status | undefined {
  const streak = driftStreak(newest);
  if (streak >= divergedAfter) return "diverged";
  return streak >= 2 ? "relapsed" : undefined;
}

/** Runs in a row, the newest included, that mended drift; a gap in the numbers is a steady run between. */
function driftStreak(newest: readonly RunHead[]): number {
  const end = newest.findIndex(
    ({ number, causes }, at) =>
      !causes.includes("drift") || (at > 0 && newest[at - 1]?.number !== number + 1),
  );
  return end === -1 ? newest.length : end;
}
