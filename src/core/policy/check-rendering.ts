/**
 * Renders what depends on vars alone, for every hostcrate, so that a value its type refuses, a list printed as text or an item
 * given twice shows at publish and not at the first host. Must not know traits: what reads them waits for a host.
 */
import type { JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import { type Assembly, crateVars } from "./assembly.ts";
import { asksServer, decisionForAll, type Decisions } from "./decisions.ts";
import { missing } from "./edges.ts";
import type { Findings } from "./findings.ts";
import { type Steps, stepsOf } from "../steps.ts";
import { dependsOnVarsOnly } from "./host-dependence.ts";
import { memoOf } from "./memo.ts";
import type { Policy, ReadyCrate, ReadyResource } from "./policy.ts";
import { readsOfResource } from "./ready-reads.ts";
import { renderCrate } from "./render.ts";

export function* checkRendering(
  policy: Policy,
  assemblies: readonly Assembly[],
  found: Findings,
): Steps<void> {
  const done = new Map<string, readonly Problem[]>();
  const step = stepsOf("rendering", assemblies.length);
  for (const assembly of assemblies) {
    yield step();
    for (const { name } of assembly.crates) {
      const crate = policy.crates.get(name);
      if (crate !== undefined) checkCrate(crate, assembly, policy, done, found);
      yield;
    }
  }
  const required = policy.links.filter((link) => link.required);
  for (const assembly of assemblies) checkRequired(policy, required, assembly, found);
}

function checkCrate(
  crate: ReadyCrate,
  assembly: Assembly,
  policy: Policy,
  done: Map<string, readonly Problem[]>,
  found: Findings,
): void {
  const sight = sightOf(crate, assembly, policy);
  if (quiet.get(sight)?.has(crate)) return;
  const problems = tryOut(crate, assembly, policy, done);
  if (problems === "said") return;
  if (problems.length === 0) keepQuiet(sight, crate);
  else sayFor(assembly, problems, found);
}

/** Configcrates that came out well for the hosts of an assembly, or with the vars they see, however often they are asked for. */
const quiet = new WeakMap<object, WeakSet<ReadyCrate>>();

function keepQuiet(sight: object, crate: ReadyCrate): void {
  const crates = quiet.get(sight) ?? new WeakSet<ReadyCrate>();
  quiet.set(sight, crates.add(crate));
}

/** What its rendering without a host depends on: environment and roles too, where a condition may ask for them. */
const sightOf = (crate: ReadyCrate, assembly: Assembly, policy: Policy): object =>
  (asksServer(crate) ? undefined : memoOf(policy).sight(crate, assembly)) ?? assembly;

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

const triable = new WeakMap<ReadyCrate, readonly boolean[]>();

/** Which resources can be tried. */
function triableIn(crate: ReadyCrate): readonly boolean[] {
  const known = triable.get(crate);
  if (known !== undefined) return known;
  const made = crate.resources.map((one) => hasItsItems(one) && dependsOnVarsOnly(one));
  triable.set(crate, made);
  return made;
}

/** A `foreach:` that was refused has no items. */
const hasItsItems = ({ declared, foreach }: ReadyResource | ReadyCrate): boolean =>
  (declared.foreach === undefined) === (foreach === undefined);

/** `done`: what each configcrate came to with the same vars and decisions. */
function tryOut(
  crate: ReadyCrate,
  assembly: Assembly,
  policy: Policy,
  done: Map<string, readonly Problem[]>,
): readonly Problem[] | "said" {
  const { declared, registries } = policy;
  const { values: vars, lookups } = crateVars(crate.declared, assembly);
  if (!hasItsItems(crate) || looksUp(crate, lookups)) return [];
  const decide = (when: ReadyCrate["when"]) =>
    decisionForAll(when, assembly, vars, registries.traits);
  const can = triableIn(crate);
  const decisions: Decisions = {
    crate: decide(crate.when),
    resources: crate.resources.map((resource, at) =>
      can[at] && !readsLookup(resource, lookups) ? decide(resource.when) : "out",
    ),
  };
  if (decisions.crate === "out" || decisions.resources.every((one) => one === "out")) return [];
  const key = keyOf(crate, vars, decisions);
  const known = done.get(key);
  if (known !== undefined) return known.length === 0 ? known : "said";
  const envoy = { id: "", hostname: "" };
  const host = { decisions, vars, traits: {}, envoy, files: declared.templates };
  const shared = lookups.size > 0 ? [] : memoOf(policy).shared(crate, assembly, decisions.crate);
  const { problems } = renderCrate(crate, host, shared);
  done.set(key, problems);
  return problems;
}

type Lookups = ReadonlyMap<string, unknown>;

const looksUp = ({ foreach }: ReadyCrate | ReadyResource, lookups: Lookups): boolean =>
  foreach?.kind === "var" && lookups.has(foreach.path[0] ?? "");

/** What a lookup gives is known only for a host. */
const readsLookup = (resource: ReadyResource, lookups: Lookups): boolean =>
  lookups.size > 0 &&
  (looksUp(resource, lookups) ||
    [...readsOfResource(resource)].some(
      ({ read: { path } }) => path[0] === "vars" && lookups.has(path[1] ?? ""),
    ));

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
