/**
 * What plans cost the server before a publish: of one changed configcrate, with a fleet that has its policy and with one of which
 * nothing is known, as after a restart; and of a var that every envoy's texts have in them. Must not know how plans are made.
 */
import type { Registries, Tree } from "../../src/core/policy/model.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import type { Envoy } from "../../src/modes/server/envoys/envoy.ts";
import type { LivePolicy } from "../../src/modes/server/policy/live.ts";
import { planFor, type PlanOptions } from "../../src/modes/server/policy/plan.ts";
import type { Store } from "../../src/modes/server/store/store.ts";
import { withOneChange } from "./large-fleet.ts";

/** Milliseconds from the tree to the answer, gates and all; and how many envoys change. */
export interface PlanFigures {
  readonly one: number;
  readonly oneUnknown: number;
  readonly all: number;
  readonly changed: readonly number[];
}

interface Planned {
  readonly live: LivePolicy;
  readonly registries: Registries;
  readonly envoys: readonly Envoy[];
  readonly store: Pick<Store, "traits">;
  readonly tree: Tree;
}

export async function planFigures(planned: Planned): Promise<PlanFigures> {
  const { live, tree } = planned;
  const unknown = { edition: live.edition, keeps: () => false };
  const runs = [
    await timed(planned, live, withOneChange(tree, 7, "0601")),
    await timed(planned, unknown, withOneChange(tree, 7, "0602")),
    await timed(planned, live, withOtherVar(tree)),
  ] as const;
  // What was in force is examined again, as a publish does it.
  await live.workshop.examine(tree);
  const [one, oneUnknown, all] = runs.map(([milliseconds]) => milliseconds) as [
    number,
    number,
    number,
  ];
  return { one, oneUnknown, all, changed: runs.map(([, plan]) => plan.envoys.changed) };
}

async function timed(
  { live: { workshop }, registries, envoys, store }: Planned,
  live: PlanOptions["live"],
  tree: Tree,
): Promise<readonly [milliseconds: number, Plan]> {
  const began = performance.now();
  const { policy, problems } = await workshop.examine(tree);
  if (policy === undefined) throw new Error(problems[0]?.message);
  const plan = await planFor({ live, after: policy, registries, envoys, traits: store.traits });
  return [performance.now() - began, plan];
}

const withOtherVar = ({ files }: Tree): Tree => {
  const text = "env: { production: { vars: { workers: 9 } } }\n";
  return { files: new Map([...files, ["environments.vgo", new TextEncoder().encode(text)]]) };
};
