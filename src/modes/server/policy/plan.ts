/**
 * What uploaded stacks would change on the fleet as it is: every envoy resolved with the traits it has reported. Others are
 * answered in between. Must not know HTTP, nor who asks.
 */
import { setImmediate } from "node:timers/promises";
import type { Registries, Subject } from "../../../core/policy/model.ts";
import type { Policy } from "../../../core/policy/policy.ts";
import type { Plan } from "../../../core/plan/plan.ts";
import { Planning } from "../../../core/plan/planning.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { TraitStore } from "../store/store.ts";
import type { LivePolicy } from "./live.ts";
import { Reported } from "./reported.ts";

export interface PlanOptions {
  /** What is in force. */
  readonly live: Pick<LivePolicy, "edition" | "keeps">;
  readonly after: Policy;
  readonly registries: Registries;
  readonly envoys: Iterable<Envoy>;
  readonly traits: Pick<TraitStore, "of" | "some">;
}

/** So long at most is nobody else answered, in milliseconds. */
const stretch = 20;

/** Envoys that are known to keep what they have are not resolved for it. `looked` is called with each. */
export async function planFor(options: PlanOptions, looked: () => void = () => {}): Promise<Plan> {
  const { live, after, registries, envoys } = options;
  const planning = new Planning(live.edition?.policy, after, registries);
  const reported = new Reported(options.traits);
  for await (const envoy of withPauses(envoys)) {
    const { id, row } = envoy;
    looked();
    if (row.revokedAt !== undefined) continue;
    if (live.keeps(envoy, after)) planning.addSame();
    else {
      const found = await reported.ask(
        id,
        (traits) => planning.look({ id, hostname: row.hostname, traits }),
        ({ sectionsRead }) => sectionsRead,
      );
      planning.add(found);
    }
  }
  return planning.plan();
}

/** What is done with each may be work; others are answered in between. */
export async function* withPauses<T>(all: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  let since = performance.now();
  for await (const one of all) {
    yield one;
    if (performance.now() - since < stretch) continue;
    await setImmediate();
    since = performance.now();
  }
}

/** Those that may have policy, with what they have told. */
export async function* subjectsOf(
  envoys: Iterable<Envoy>,
  traits: Pick<TraitStore, "of">,
): AsyncGenerator<Subject> {
  for (const { id, row } of envoys) {
    if (row.revokedAt !== undefined) continue;
    const rows = await traits.of(id);
    const values = Object.fromEntries(rows.map(({ section, value }) => [section, value]));
    yield { id, hostname: row.hostname, traits: values };
  }
}
