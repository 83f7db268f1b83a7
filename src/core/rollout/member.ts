/**
 * What one envoy has to say about a version: how it stood before, and how its newest run of the version ended. An envoy has run the
 * version when it says so at a check-in and a run came after the ticket. A failure is told at once and success only with the next
 * check-in, so both are counted from that check-in on; otherwise bad news would always be ahead. Pure; must not know where runs are
 * kept.
 */
import { z } from "zod";
import type { RunHead } from "../status.ts";

const result = z.object({
  /** Number of that run; of a run that changed nothing at least that. */
  run: z.int(),
  failed: z.boolean(),
  blocked: z.boolean(),
  drift: z.boolean(),
  /** Everything that is broken was broken before: this envoy has nothing to say about the version. */
  old: z.boolean(),
});

export type Result = z.output<typeof result>;

/** As it is kept. */
export const memberState = z.object({
  /** unknown: it had run nothing · a number: that run of it was broken · good. */
  before: z.union([z.literal("good"), z.literal("unknown"), z.int()]),
  /** Of its newest run of the version; absent: it has run none yet. */
  ran: result.exactOptional(),
});

export type Member = z.output<typeof memberState>;

/** What the server knows of an envoy at one moment. */
export interface Sighting {
  /** The version that it said it enforces at its last check-in. */
  readonly tells: number;
  /** Its newest run that changed something or failed. */
  readonly newest: RunHead | undefined;
  /** Number of the newest run known to have changed nothing. */
  readonly steadyTo: number | undefined;
}

export const newestRun = ({ newest, steadyTo = 0 }: Omit<Sighting, "tells">): number =>
  Math.max(newest?.number ?? 0, steadyTo);

/** How it stands when the version is published. */
export function standingBefore(sighting: Omit<Sighting, "tells">): Member["before"] {
  if (newestRun(sighting) === 0) return "unknown";
  const run = lastUnsteady(sighting);
  return run !== undefined && isBroken(run) ? run.number : "good";
}

/**
 * Its newest result for the version, or undefined when it has none yet. `after` is the newest run that was known when it got the
 * version: of a run that changed nothing nobody is told which version it ran. `old` is left to the caller, who has to look it up for what is broken.
 */
export function resultOf(
  sighting: Sighting,
  version: number,
  after: number,
): Omit<Result, "old"> | undefined {
  const run = newestRun(sighting);
  if (sighting.tells !== version) return undefined;
  const unsteady = lastUnsteady(sighting);
  if (unsteady === undefined)
    return run > after ? { run, failed: false, blocked: false, drift: false } : undefined;
  if (unsteady.policyVersion !== version) return undefined;
  const { counts, causes, outcome } = unsteady;
  const undone = counts.failed + counts.blocked > 0;
  return {
    run,
    failed: counts.failed > 0 || (outcome === "failed" && !undone),
    blocked: counts.blocked > 0,
    drift: causes.includes("drift"),
  };
}

export const isUnhealthy = ({ failed, blocked }: Pick<Result, "failed" | "blocked">): boolean =>
  failed || blocked;

/** Does it fail only what it failed before? Keys of resources; a run that failed as a whole has none. */
export const failsAsBefore = (now: readonly string[], before: readonly string[]): boolean =>
  now.length > 0 && now.every((key) => before.includes(key));

function lastUnsteady({ newest, steadyTo = -1 }: Omit<Sighting, "tells">): RunHead | undefined {
  return newest !== undefined && newest.number > steadyTo ? newest : undefined;
}

const isBroken = ({ outcome, counts }: RunHead): boolean =>
  outcome === "failed" || counts.failed + counts.blocked > 0;
