/**
 * Renders what depends on vars alone, for every hostcrate, so that a value its type refuses, a list printed as text or an item
 * given twice shows at publish and not at the first host. Must not know traits: what reads them waits for a host.
 */
import type { JsonObject } from "../json.ts";
import { type Assembly, crateVars } from "./assembly.ts";
import { decisionForAll, type Decisions } from "./decisions.ts";
import { missing } from "./edges.ts";
import type { Findings } from "./findings.ts";
import { dependsOnVarsOnly } from "./host-dependence.ts";
import type { Policy, ReadyCrate, ReadyResource } from "./policy.ts";
import { readsOfResource } from "./ready-reads.ts";
import { renderCrate } from "./render.ts";

export function checkRendering(
  policy: Policy,
  assemblies: readonly Assembly[],
  found: Findings,
): void {
  const trials = new Map<string, ReadyCrate>();
  for (const [name, crate] of policy.crates)
    if (hasItsItems(crate))
      trials.set(name, {
        ...crate,
        resources: crate.resources.filter((one) => hasItsItems(one) && dependsOnVarsOnly(one)),
      });
  const done = new Set<string>();
  for (const assembly of assemblies)
    for (const { name } of assembly.crates) {
      const trial = trials.get(name);
      if (trial !== undefined && trial.resources.length > 0)
        tryOut(trial, assembly, policy, done, found);
    }
  for (const assembly of assemblies) checkRequired(policy, assembly, found);
}

/** A `foreach:` that was refused has no items. */
const hasItsItems = ({ declared, foreach }: ReadyResource | ReadyCrate): boolean =>
  (declared.foreach === undefined) === (foreach === undefined);

function tryOut(
  whole: ReadyCrate,
  assembly: Assembly,
  { declared, registries }: Policy,
  done: Set<string>,
  found: Findings,
): void {
  const { values: vars, lookups } = crateVars(whole.declared, assembly);
  const looksUp = ({ foreach }: ReadyCrate | ReadyResource) =>
    foreach?.kind === "var" && lookups.has(foreach.path[0] ?? "");
  if (looksUp(whole)) return;
  const crate = lookups.size === 0 ? whole : without(whole, lookups, looksUp);
  const decide = (when: ReadyCrate["when"]) =>
    decisionForAll(when, assembly, vars, registries.traits);
  const decisions: Decisions = {
    crate: decide(crate.when),
    resources: crate.resources.map(({ when }) => decide(when)),
  };
  const key = keyOf(crate, vars, decisions);
  if (decisions.crate === "out" || done.has(key)) return;
  done.add(key);
  const envoy = { id: "", hostname: "" };
  const host = { decisions, vars, traits: {}, envoy, files: declared.templates };
  const { place } = assembly.hostcrate;
  for (const problem of renderCrate(crate, host).problems)
    if (!found.saysAt(problem) && !found.saysOfLine("VG513", problem))
      found.add([
        { hint: `with the vars of the hosts of ${place.file}:${place.line}`, ...problem },
      ]);
}

/** What a lookup gives is known only for a host. */
const without = (
  crate: ReadyCrate,
  lookups: ReadonlyMap<string, unknown>,
  looksUp: (resource: ReadyResource) => boolean,
): ReadyCrate => ({
  ...crate,
  resources: crate.resources.filter(
    (resource) =>
      !looksUp(resource) &&
      ![...readsOfResource(resource)].some(
        ({ read: { path } }) => path[0] === "vars" && lookups.has(path[1] ?? ""),
      ),
  ),
});

function keyOf({ declared, reads }: ReadyCrate, vars: JsonObject, decisions: Decisions): string {
  const read = reads.vars.includes("*") ? vars : reads.vars.map((name) => vars[name] ?? []);
  return JSON.stringify([declared.name, decisions.crate, decisions.resources, read]);
}

/** `requires:` from what is on these hosts in any case, to a configcrate that is not. */
function checkRequired(policy: Policy, { crates }: Assembly, found: Findings): void {
  const names = new Set(crates.map(({ name }) => name));
  for (const { required, from, to, place } of policy.links) {
    if (!required || !names.has(from.crate) || names.has(to.crate)) continue;
    const crate = policy.crates.get(from.crate);
    const resource = crate?.resources.find(({ declared }) => declared.name === from.resource);
    if (crate?.when === undefined && resource?.when === undefined)
      found.add([missing(from, to, place)]);
  }
}
