/**
 * Which envoys a stage holds. The part is random but stable: the same hash as `in_percent` (semantics §3), so it is a function of
 * the plan and the envoy's id, and each stage holds the ones before it. Must not know policies, nor how far a rollout is.
 */
import { inPercent } from "../policy/when/percent.ts";
import type { RolloutPlan } from "./plan.ts";

/** `stage` counts from 0. */
export const inCohort = (plan: RolloutPlan, stage: number, envoyId: string): boolean =>
  inPercent(partOf(plan, stage), plan.salt, envoyId);

/** In percent. */
export const partOf = ({ stages }: RolloutPlan, stage: number): number => stages[stage] ?? 100;
