/**
 * All gates of a tree that its text alone can pass or fail, every problem at once. The only maker of a `Policy`. Must not know
 * hosts: cycles by automatic edges, claims and traits are looked at for each of them.
 */
import type { Problem } from "../problem.ts";
import { checkConditions } from "./check-conditions.ts";
import { checkCycles } from "./check-cycles.ts";
import { checkLookups } from "./check-lookups.ts";
import { checkNames, checkRolesAsked } from "./check-names.ts";
import { checkReach } from "./check-reach.ts";
import { checkRendering } from "./check-rendering.ts";
import { checkResources } from "./check-resources.ts";
import { checkSecretPaths, checkSecrets } from "./check-secrets.ts";
import { assembliesOf, checkVars } from "./check-vars.ts";
import type { Assembly } from "./assembly.ts";
import { declare } from "./declare.ts";
import { Findings } from "./findings.ts";
import { inherit } from "./memo.ts";
import type { Registries } from "./model.ts";
import type { Parsed } from "./parse.ts";
import type { Policy } from "./policy.ts";
import { ready } from "./ready.ts";
import { atOnce, type Steps } from "../steps.ts";

export interface Validation {
  /** Absent as soon as there is one problem. */
  readonly policy?: Policy;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** `before`: a policy that what is parsed shares documents with. */
export function* validating(
  parsed: Parsed,
  registries: Registries,
  before?: Policy,
): Steps<Validation> {
  const found = new Findings();
  found.add(parsed.problems);
  const declared = yield* declare(parsed, registries, found);
  // What an unreadable file would have declared is unknown, so nobody can say that a name leads nowhere.
  const complete = !parsed.problems.some(({ code }) => code.startsWith("VG2"));
  const policy = yield* ready(declared, registries, found, complete ? found : new Findings());
  if (before !== undefined) inherit(policy, before);
  if (complete) yield* check(policy, found);
  checkSecretPaths(policy, found);
  const { problems, warnings } = found;
  return problems.length > 0 ? { problems, warnings } : { policy, problems, warnings };
}

export const validate = (parsed: Parsed, registries: Registries): Validation =>
  atOnce(validating(parsed, registries));

function* check(policy: Policy, found: Findings): Steps<void> {
  const { declared, links } = policy;
  checkNames(declared, found);
  yield;
  checkRolesAsked(policy, found);
  checkLookups(declared, policy.registries, found);
  yield;
  checkCycles(declared, links, found);
  yield* checkResources(policy, found);
  const assemblies = assembliesOf(policy);
  yield* checkVars(policy, assemblies, found);
  yield* checkConditions(policy, assemblies, found);
  yield* checkSecrets(policy, assemblies, found);
  yield* checkRendering(policy, assemblies, found);
  checkReach(policy, found);
  warnOutside(policy, assemblies, found);
}

function warnOutside({ declared }: Policy, assemblies: readonly Assembly[], found: Findings): void {
  const included = new Set(assemblies.flatMap(({ crates }) => crates.map(({ name }) => name)));
  for (const { name, place } of declared.configcrates.values())
    if (!included.has(name)) found.warning("VG952", place, name, outside(name));
}

const outside = (name: string) =>
  name.startsWith("~")
    ? {
        message: `usercrate ${name.slice(1)} is included nowhere`,
        hint: "list it under `usercrates:` of a hostcrate, a role or common.vgo",
      }
    : {
        message: `configcrate ${name} is included nowhere`,
        hint: "list it in a role, a hostcrate, common.vgo or an environment",
      };
