/**
 * Renders what depends on vars alone, for every hostcrate, so that a value its type refuses, a list printed as text or an item
 * given twice shows at publish and not at the first host. Must not know traits: what reads them waits for a host.
 */
import type { JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
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
  const done = new Map<string, readonly Problem[]>();
  for (const assembly of assemblies)
    for (const { name } of assembly.crates) {
      const crate = policy.crates.get(name);
      if (crate === undefined || quiet.get(assembly)?.has(crate)) continue;
      const problems = tryOut(crate, assembly, policy, done);
      if (problems === "said") continue;
      if (problems.length === 0) keepQuiet(assembly, crate);
      else sayFor(assembly, problems, found);
    }
  const required = policy.links.filter((link) => link.required);
  for (const assembly of assemblies) checkRequired(policy, required, assembly, found);
}

/** Configcrates that came out well for the hosts of an assembly, however often they are asked for. */
const quiet = new WeakMap<Assembly, WeakSet<ReadyCrate>>();

function keepQuiet(assembly: Assembly, crate: ReadyCrate): void {
  const crates = quiet.get(assembly) ?? new WeakSet<ReadyCrate>();
  quiet.set(assembly, crates.add(crate));
}

function sayFor(
  { hostcrate: { place } }: Assembly,
  problems: readonly Problem[],
  found: Findings,
): void {
  for (const problem of problems)
    if (!found.saysAt(problem) && !found.saysOfLine("VG513", problem))
      found.add([
        { hint: `with the vars of the hosts of ${place.file}:${place.line}`, ...problem },
      ]);
}

const trials = new WeakMap<ReadyCrate, ReadyCrate | undefined>();

/** The configcrate with what can be tried; undefined: there is nothing. */
function trialOf(crate: ReadyCrate): ReadyCrate | undefined {
  if (trials.has(crate)) return trials.get(crate);
  const resources = crate.resources.filter((one) => hasItsItems(one) && dependsOnVarsOnly(one));
  const trial = hasItsItems(crate) && resources.length > 0 ? { ...crate, resources } : undefined;
  trials.set(crate, trial);
  return trial;
}

/** A `foreach:` that was refused has no items. */
const hasItsItems = ({ declared, foreach }: ReadyResource | ReadyCrate): boolean =>
  (declared.foreach === undefined) === (foreach === undefined);

/** `done`: what each configcrate came to with the same vars and decisions. */
function tryOut(
  ready: ReadyCrate,
  assembly: Assembly,
  { declared, registries }: Policy,
  done: Map<string, readonly Problem[]>,
): readonly Problem[] | "said" {
  const whole = trialOf(ready);
  if (whole === undefined) return [];
  const { values: vars, lookups } = crateVars(whole.declared, assembly);
  const looksUp = ({ foreach }: ReadyCrate | ReadyResource) =>
    foreach?.kind === "var" && lookups.has(foreach.path[0] ?? "");
  if (looksUp(whole)) return [];
  const crate = lookups.size === 0 ? whole : without(whole, lookups, looksUp);
  const decide = (when: ReadyCrate["when"]) =>
    decisionForAll(when, assembly, vars, registries.traits);
  const decisions: Decisions = {
    crate: decide(crate.when),
    resources: crate.resources.map(({ when }) => decide(when)),
  };
  if (decisions.crate === "out") return [];
  const key = keyOf(crate, vars, decisions);
  const known = done.get(key);
  if (known !== undefined) return known.length === 0 ? known : "said";
  const envoy = { id: "", hostname: "" };
  const host = { decisions, vars, traits: {}, envoy, files: declared.templates };
  const { problems } = renderCrate(crate, host);
  done.set(key, problems);
  return problems;
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
function checkRequired(
  policy: Policy,
  required: Policy["links"],
  { crates }: Assembly,
  found: Findings,
): void {
  const names = new Set(crates.map(({ name }) => name));
  for (const { from, to, place } of required) {
    if (!names.has(from.crate) || names.has(to.crate)) continue;
    const crate = policy.crates.get(from.crate);
    const resource = crate?.resources.find(({ declared }) => declared.name === from.resource);
    if (crate?.when === undefined && resource?.when === undefined)
      found.add([missing(from, to, place)]);
  }
}
