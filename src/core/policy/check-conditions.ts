/**
 * Decides conditions that read vars alone, for every hostcrate: one that comes to no answer there (`when: vars.port`, a text held
 * against a number) would block its resource on every one of these hosts. Must not know traits.
 */
import type { JsonObject } from "../json.ts";
import type { AnyTraitType } from "../trait.ts";
import { type Steps, stepsOf } from "../steps.ts";
import { type Assembly, crateVars } from "./assembly.ts";
import { asksHost, decisionForAll, whyUndecided } from "./decisions.ts";
import type { Findings } from "./findings.ts";
import { clip, type ScalarNode } from "./node.ts";
import type { Policy, ReadyCrate } from "./policy.ts";
import { holdsSecret } from "./secrets.ts";
import type { Condition } from "./when/condition.ts";

interface Written {
  readonly when: Condition;
  readonly node: ScalarNode;
}

export function* checkConditions(
  policy: Policy,
  assemblies: readonly Assembly[],
  found: Findings,
): Steps<void> {
  const step = stepsOf("checking conditions", assemblies.length);
  for (const assembly of assemblies) {
    yield step();
    for (const { name } of assembly.crates) {
      const crate = policy.crates.get(name);
      if (crate !== undefined) checkCrate(crate, assembly, policy.registries.traits, found);
    }
  }
}

function checkCrate(
  crate: ReadyCrate,
  assembly: Assembly,
  traits: readonly AnyTraitType[],
  found: Findings,
): void {
  const conditions = conditionsIn(crate);
  if (conditions.length === 0) return;
  const { values } = crateVars(crate.declared, assembly);
  if (decisionForAll(crate.when, assembly, values, traits) === "out") return;
  for (const one of conditions.filter(({ when }) => isComplete(when, values))) {
    const reason = whyUndecided(one.when, assembly, values, traits);
    if (reason !== undefined) say(one, reason, assembly, found);
  }
}

const known = new WeakMap<ReadyCrate, readonly Written[]>();

/** Most configcrates have none. */
function conditionsIn(crate: ReadyCrate): readonly Written[] {
  const before = known.get(crate);
  if (before !== undefined) return before;
  const made = [crate, ...crate.resources].flatMap(({ when, declared: { when: node } }) =>
    when === undefined || node === undefined || when.changed || asksHost(when)
      ? []
      : [{ when, node }],
  );
  known.set(crate, made);
  return made;
}

/** A var that is not set, or holds a secret, has been said; what a lookup comes to, each host has for itself. */
const isComplete = ({ vars, varsAsked }: Condition, values: JsonObject): boolean =>
  vars.every(({ name }) =>
    Object.hasOwn(values, name) ? !holdsSecret(values[name]) : varsAsked.includes(name),
  );

function say({ node }: Written, reason: string, { hostcrate }: Assembly, found: Findings): void {
  const { file, line } = hostcrate.place;
  if (found.saysAt(node.place)) return;
  found.problem("VG502", node.place, clip(node.source), {
    message: `nobody can decide this for the hosts of ${file}:${line}: ${reason}`,
    hint: "compare values of one kind, and ask has() for what may not be there",
  });
}
