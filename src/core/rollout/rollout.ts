/**
 * How a published version goes on: stage by stage, or to everyone at once and then watched. A pure step from what is known to what
 * is to be done, so that a server that was killed goes on where it was. Must not know the clock, the store, nor how a version is
 * published.
 */
import { z } from "zod";
import { partOf } from "./cohort.ts";
import { printGate, type RolloutPlan, rolloutPlan } from "./plan.ts";
import { enough, formerHealth, health, isBroken, isWorse, measured, type Tally } from "./tally.ts";

const moment = z.number().nonnegative();

const end = z.object({
  /** done: it is everywhere, and well · halted: the former content was published again. */
  outcome: z.enum(["done", "halted"]),
  at: moment,
  why: z.string(),
});

/** As it is kept; times in milliseconds since 1970. */
export const rolloutState = z.object({
  version: z.int().positive(),
  /** Absent: it went to everyone, and is watched. */
  plan: rolloutPlan.exactOptional(),
  /** Counts from 0. */
  stage: z.int().nonnegative(),
  /** Since when this stage has been watched, without the time in which nobody watched. */
  since: moment,
  /** When somebody last watched. */
  at: moment,
  /** Nothing is decided before: the server was away, and envoys have yet to call. */
  quiet_until: moment.exactOptional(),
  end: end.exactOptional(),
});

export type Rollout = z.output<typeof rolloutState>;

export interface Rules {
  /** `publish.rollback_threshold` in percent. */
  readonly threshold: number;
  /** How long a publish without stages is watched. */
  readonly watchMs: number;
  /** How long envoys take to call again after the server was away. */
  readonly settleMs: number;
}

export type Decision =
  | { readonly kind: "hold" }
  | { readonly kind: "widen" }
  | { readonly kind: "done" }
  | { readonly kind: "halt"; readonly why: string };

/** A longer gap means that nobody watched. */
const longestGapMs = 30_000;

export const begin = (version: number, plan: RolloutPlan | undefined, now: number): Rollout => ({
  version,
  ...(plan === undefined ? {} : { plan }),
  stage: 0,
  since: now,
  at: now,
});

/** One look at it; `tally` is of the stage's part of the fleet. A rollout that has ended stays as it is. */
export function advance(
  before: Rollout,
  tally: Tally,
  rules: Rules,
  now: number,
): { readonly rollout: Rollout; readonly decision: Decision } {
  if (before.end !== undefined) return { rollout: before, decision: { kind: "hold" } };
  const rollout = resumed(before, rules, now);
  if (now < (rollout.quiet_until ?? 0)) return { rollout, decision: { kind: "hold" } };
  const decision = decide(rollout, tally, rules, now);
  return { rollout: after(rollout, decision, now), decision };
}

function resumed(rollout: Rollout, { settleMs }: Rules, now: number): Rollout {
  const gap = now - rollout.at;
  if (gap < 0) return setBack(rollout, gap, now);
  if (gap <= longestGapMs) return { ...rollout, at: now };
  const since = rollout.since + gap + settleMs;
  return { ...rollout, since, at: now, quiet_until: now + settleMs };
}

/** The clock was: what has been watched stays watched, and what is left to wait is left. */
const setBack = (rollout: Rollout, by: number, now: number): Rollout => ({
  ...rollout,
  since: Math.max(0, rollout.since + by),
  at: now,
  ...(rollout.quiet_until !== undefined && {
    quiet_until: Math.max(0, rollout.quiet_until + by),
  }),
});

function after(rollout: Rollout, decision: Decision, now: number): Rollout {
  if (decision.kind === "widen") return { ...rollout, stage: rollout.stage + 1, since: now };
  if (decision.kind === "done")
    return { ...rollout, end: { outcome: "done", at: now, why: "no gate was broken" } };
  if (decision.kind === "halt")
    return { ...rollout, end: { outcome: "halted", at: now, why: decision.why } };
  return rollout;
}

function decide(rollout: Rollout, tally: Tally, rules: Rules, now: number): Decision {
  const { plan } = rollout;
  if (plan !== undefined) return decideStage({ ...rollout, plan }, tally, rules, now);
  const worse = worsened(tally, rules, enough(tally.online));
  if (worse !== undefined) return { kind: "halt", why: worse };
  return now - rollout.since >= rules.watchMs ? { kind: "done" } : { kind: "hold" };
}

function decideStage(
  { plan, stage, since }: Rollout & { readonly plan: RolloutPlan },
  tally: Tally,
  rules: Rules,
  now: number,
): Decision {
  const held = now - since;
  if (!haveRun(tally, plan))
    return held < 3 * plan.hold_ms
      ? { kind: "hold" }
      : { kind: "halt", why: tooFew(tally, plan, stage) };
  const broken = plan.gates.find((gate) => isBroken(tally, gate));
  if (broken !== undefined)
    return {
      kind: "halt",
      why: `the gate ${printGate(broken)} is broken: ${tally[broken.metric]} of ${tally.ran} envoys, ${rounded(measured(tally, broken))}%`,
    };
  const worse = plan.gates.length === 0 ? worsened(tally, rules, 1) : undefined;
  if (worse !== undefined) return { kind: "halt", why: worse };
  if (held < plan.hold_ms) return { kind: "hold" };
  return partOf(plan, stage) === 100 ? { kind: "done" } : { kind: "widen" };
}

/** A part in which nobody is online has proven nothing. */
const haveRun = ({ online, online_ran }: Tally, plan: RolloutPlan): boolean =>
  online > 0 && online_ran >= (plan.min_ran / 100) * online;

function tooFew({ online, online_ran }: Tally, plan: RolloutPlan, stage: number): string {
  const part = `the first ${partOf(plan, stage)}% of the fleet`;
  if (online === 0)
    return `no envoy of ${part} is online and out of maintenance, so nothing could be watched`;
  return `only ${online_ran} of the ${online} online envoys of ${part} have run it, less than ${plan.min_ran}%`;
}

function worsened(tally: Tally, { threshold }: Rules, needed: number): string | undefined {
  if (!isWorse(tally, threshold, needed)) return undefined;
  const broken = tally.counted - tally.healthy;
  return `${broken} of ${tally.counted} envoys that have run it fail: health ${rounded(health(tally))}%, before ${rounded(formerHealth(tally))}%`;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
