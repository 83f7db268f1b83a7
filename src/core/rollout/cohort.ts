/**
 * Which envoys a stage holds. The part is random but stable: the same hash as `in_percent` (semantics §3), so it is a function of
 * the plan and the envoy's id, and each stage holds the ones before it. A plan may name the envoys of the first stage instead. Must not know policies, nor how far a rollout is.
 */
import { inPercent } from "../policy/when/percent.ts";
import type { RolloutPlan } from "./plan.ts";

/** Remembers where each envoy is, because it is asked at every check-in. */
export class Cohorts {
  readonly #first: Map<string, number>;

  constructor(readonly plan: RolloutPlan) {
    this.#first = new Map(plan.cohort?.envoys.map((id) => [id, 0]));
  }

  /** `stage` counts from 0. */
  holds(stage: number, envoyId: string): boolean {
    return stage >= this.#firstOf(envoyId);
  }

  /** The first stage that holds it. */
  #firstOf(envoyId: string): number {
    const known = this.#first.get(envoyId);
    if (known !== undefined) return known;
    const { stages, salt, cohort } = this.plan;
    const found = stages.findIndex(
      (percent, stage) => (stage > 0 || cohort === undefined) && inPercent(percent, salt, envoyId),
    );
    const first = found === -1 ? stages.length : found;
    this.#first.set(envoyId, first);
    return first;
  }
}

/** In percent. */
export const partOf = ({ stages }: RolloutPlan, stage: number): number => stages[stage] ?? 100;
