/**
 * Gates about secrets (semantics §6): each must exist, and nothing that is decided before the agent has its value may look at it.
 * Must not know values, nor where they are kept.
 */
import { didYouMean } from "../did-you-mean.ts";
import type { Json } from "../json.ts";
import type { Problem } from "../problem.ts";
import { type Assembly, crateVars } from "./assembly.ts";
import { Clean } from "./clean.ts";
import type { Hostcrate, Vars } from "./declared.ts";
import { type Findings, problemAt } from "./findings.ts";
import { type Steps, stepsOf } from "../steps.ts";
import type { Place } from "./model.ts";
import {
  choicesOf,
  type Foreach,
  type Policy,
  type ReadyCrate,
  type ReadyResource,
} from "./policy.ts";
import { placeOfOffset } from "./ready-conditions.ts";
import { type PlacedRead, readsOfResource } from "./ready-reads.ts";
import {
  holdsSecret,
  isSealed,
  refsIn,
  secretFilters,
  secretsIn,
  SecretUse,
  spelled,
} from "./secrets.ts";
import { isMap } from "./vars.ts";

interface Use {
  readonly path: string;
  readonly place: Place;
}

/** The gate "secrets": a path that nobody has. */
export function checkSecretPaths(policy: Policy, found: Findings): void {
  const { secrets } = policy.registries;
  if (secrets === undefined) return;
  for (const { path, place } of usesOf(policy)) {
    if (secrets.has(path)) continue;
    const guess = didYouMean(path, [...secrets]);
    found.problem("VG804", place, path, {
      message: `there is no secret ${path}`,
      hint: guess === undefined ? `vigo cli secrets set ${path}` : `did you mean ${guess}?`,
    });
  }
}

function* usesOf({ declared, crates }: Policy): Generator<Use> {
  for (const { vars } of [
    ...declared.roles.values(),
    ...declared.commons.values(),
    ...declared.hostcrates,
    ...declared.configcrates.values(),
    ...[...declared.environments.values()].flatMap((file) => [...file.values()]),
  ])
    yield* usesInVars(vars);
  for (const { declared: crate, foreach, resources } of crates.values()) {
    yield* usesInForeach(foreach);
    for (const { value } of crate.overrides.values()) yield* usesInVars(value);
    for (const resource of resources)
      for (const choice of choicesOf(resource)) yield* usesInResource(choice);
  }
}

function* usesInVars(vars: Vars): Generator<Use> {
  for (const { value, place } of vars.values())
    for (const path of refsIn<string>(asWritten(value))) yield { path, place };
}

function* usesInResource({ templates, source, foreach }: ReadyResource): Generator<Use> {
  for (const [node, { secrets }] of templates)
    for (const path of secrets) yield { path, place: node.place };
  if (source?.kind === "template") yield* usesInFile(source.file, source.template.source);
  yield* usesInForeach(foreach);
}

function* usesInForeach(foreach: Foreach | undefined): Generator<Use> {
  if (foreach?.kind === "values")
    for (const path of refsIn<string>(asWritten(foreach.values)))
      yield { path, place: foreach.place };
}

function* usesInFile(file: string, text: string): Generator<Use> {
  for (const { path, at } of secretsIn(text)) {
    const before = text.slice(0, at).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    yield { path, place: { file, line: before.length, column } };
  }
}

/** As plain JSON. Keys of our own have been said to be wrong where the value was read. */
function asWritten(value: Json): Json {
  try {
    return spelled(value);
  } catch (error) {
    if (error instanceof SecretUse) return null;
    throw error;
  }
}

/** How vars that hold secrets are used, for the hosts of every hostcrate; and which of those a machine can talk itself into. */
export function* checkSecrets(
  policy: Policy,
  assemblies: readonly Assembly[],
  found: Findings,
): Steps<void> {
  const step = stepsOf("checking secrets", assemblies.length);
  for (const assembly of assemblies) {
    yield step();
    let holds = false;
    for (const { name } of assembly.crates) {
      const crate = policy.crates.get(name);
      if (crate === undefined) continue;
      const make = (own: Findings) => checkCrate(crate, assembly, own);
      if (clean.of(assembly, crate, [], found, make)) holds = true;
    }
    const { where, trustTraits } = assembly.hostcrate;
    if (holds && where !== undefined && !trustTraits)
      found.add([chosenByTraits(assembly.hostcrate)]);
  }
}

const clean = new Clean<boolean>();

export const chosenByTraits = ({ place, where }: Hostcrate): Problem =>
  problemAt("VG803", where?.place ?? place, where?.source ?? "", {
    message: "this hostcrate chooses hosts by what they report, and its configcrates use secrets",
    hint: "choose the hosts by `match:`, or say `trust_traits: true`",
  });

/** Does it use a secret for these hosts? */
function checkCrate(crate: ReadyCrate, assembly: Assembly, found: Findings): boolean {
  const { values } = crateVars(crate.declared, assembly);
  const named = namesAny(crate);
  if (!Object.values(values).some(holdsSecret)) return named;
  checkConditions(crate, values, found);
  let holds =
    named ||
    [crate, ...crate.resources].some(
      ({ foreach }) => foreach?.kind === "var" && holdsSecret(walk(values, foreach.path).value),
    );
  for (const resource of crate.resources) {
    for (const read of readsOfResource(resource))
      if (read.read.path[0] === "vars" && checkRead(read, values, found)) holds = true;
  }
  return holds;
}

const naming = new WeakMap<ReadyCrate, boolean>();

function namesAny(crate: ReadyCrate): boolean {
  const known =
    naming.get(crate) ??
    (crate.resources.some(namesSecret) || !usesInForeach(crate.foreach).next().done);
  naming.set(crate, known);
  return known;
}

const namesSecret = (resource: ReadyResource): boolean =>
  choicesOf(resource).some((choice) => !usesInResource(choice).next().done);

function checkConditions(
  crate: ReadyCrate,
  values: { readonly [name: string]: Json },
  found: Findings,
): void {
  for (const { when, declared } of [crate, ...crate.resources])
    for (const { name, offset } of when?.vars ?? []) {
      if (declared.when === undefined || !holdsSecret(values[name])) continue;
      found.problem("VG513", placeOfOffset(declared.when, offset), `vars.${name}`, {
        message: `vars.${name} holds a secret, and a condition cannot look at one`,
        hint: isSealed(values[name]) ? undefined : "keep the secret in a var of its own",
      });
    }
}

/** Does this read come to a secret? Says so when it does with it what cannot be done. */
function checkRead(
  { read, place }: PlacedRead,
  values: { readonly [name: string]: Json },
  found: Findings,
): boolean {
  const path = read.path.slice(1);
  const { value, left } = walk(values, path);
  if (!isSealed(value)) return holdsSecret(value);
  const name = ["vars", ...path].join(".");
  const filter = read.printed?.find((one) => !secretFilters.some((known) => known === one));
  const trouble =
    left > 0
      ? `${["vars", ...path.slice(0, -left)].join(".")} is a secret and has no fields`
      : filter !== undefined
        ? `${name} is a secret and cannot go through the filter ${filter}`
        : read.printed === undefined && read.lenient
          ? `${name} is a secret and cannot be compared or tested`
          : undefined;
  if (trouble !== undefined)
    found.problem("VG513", place, name, { message: trouble, hint: new SecretUse("").hint });
  return true;
}

/** How far a path leads, and how many of its keys are left. */
function walk(values: { readonly [name: string]: Json }, path: readonly string[]) {
  let value: Json | undefined = values;
  for (const [index, key] of path.entries()) {
    if (value === undefined || !isMap(value)) return { value, left: path.length - index };
    value = value[key];
  }
  return { value, left: 0 };
}
