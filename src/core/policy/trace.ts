/**
 * Why a host gets what it gets, as data: the hostcrates passed over, what brought each configcrate in, every place that set a
 * var, what each condition came to, which edges led nowhere. Must not know how it is printed, nor change what `resolve` says.
 */
import type { Json, JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import { type Assembly, assemble, crateLayers, crateVars, type Layer } from "./assembly.ts";
import { choose, type PassedOver } from "./choose.ts";
import { type Decision, decisionsOf } from "./decisions.ts";
import { hostPattern } from "./hostname.ts";
import { foldersOf } from "./layout.ts";
import { lookUp } from "./lookups.ts";
import type { Place, Subject } from "./model.ts";
import type { Policy, ReadyCrate } from "./policy.ts";
import { nameOf } from "./references.ts";
import { familyOf, resolve } from "./resolve.ts";
import { isSealed, writtenAs } from "./secrets.ts";
import { isMap, type Laid } from "./vars.ts";
import { isNamed } from "../resource-key.ts";

export interface Trace {
  readonly hostname: string;
  /** In the order they were tried. */
  readonly passedOver: readonly PassedOver[];
  /** The block that matched; without one the rest is empty and `problems` says why. */
  readonly hostcrate?: Place;
  readonly environment?: string;
  readonly roles: readonly { readonly name: string; readonly place: Place }[];
  readonly configcrates: readonly TracedCrate[];
  /** As all configcrates see them; of one configcrate when it was asked for. */
  readonly vars: readonly TracedVar[];
  readonly resources: readonly TracedResource[];
  /** Controls that this host is let off. */
  readonly waivers: readonly TracedWaiver[];
  /** References to what is not on this host. */
  readonly dropped: readonly { readonly place: Place; readonly to: string }[];
  /** Why the host has no bundle. */
  readonly problems: readonly Problem[];
}

export interface TracedCrate {
  readonly name: string;
  readonly place: Place;
  readonly because: string;
  /** Controls it claims to help fulfil. */
  readonly compliance: readonly string[];
  /** What took it out again. */
  readonly excludedBy?: string;
  readonly when?: TracedCondition;
}

export interface TracedWaiver {
  readonly place: Place;
  readonly controls: readonly string[];
  readonly reason: string;
  /** The last day, as 2027-12-31. */
  readonly until: string;
}

export interface TracedCondition {
  readonly source: string;
  readonly decision: Decision;
}

export interface TracedVar {
  readonly name: string;
  readonly value: Json;
  /** Every place that sets it, the winner last; maps are merged, so all of them may count. */
  readonly set: readonly { readonly what: string; readonly place: Place; readonly value: Json }[];
}

export interface TracedResource {
  /** `crate/name`; expansions of a `foreach` are in `keys`. */
  readonly name: string;
  readonly place: Place;
  readonly decision: Decision;
  readonly when?: TracedCondition;
  /** None when it is out, or its list is empty, or the host cannot be resolved. */
  readonly keys: readonly string[];
}

export function trace(
  policy: Policy,
  subject: Subject,
  options: { readonly crate?: string } = {},
): Trace {
  const choice = choose(policy, subject);
  const { passedOver } = choice;
  const { hostname } = subject;
  const resolution = resolve(policy, subject);
  const problems = resolution.kind === "unresolved" ? resolution.problems : [];
  const nothing = { hostname, passedOver, problems, ...empty };
  if (choice.kind === "none") return nothing;
  const { place } = choice.hostcrate.declared;
  const family = familyOf(policy, choice.hostcrate, subject);
  if (family.kind === "unresolved") return { ...nothing, hostcrate: place };
  const assembly = assemble(policy.declared, choice.hostcrate.declared, family.family);
  const wanted = assembly.crates.filter(
    ({ name }) => options.crate === undefined || options.crate === name,
  );
  const crates = wanted.flatMap(({ name }) => policy.crates.get(name) ?? []);
  const keys = resolution.kind === "resolved" ? resolution.resources.map(({ key }) => key) : [];
  const [one] = options.crate === undefined ? [] : crates;
  return {
    ...nothing,
    hostcrate: place,
    ...(assembly.environment === undefined ? {} : { environment: assembly.environment }),
    roles: assembly.roles.map(({ name, place }) => ({ name, place })),
    configcrates: [
      ...crates.map((crate) => tracedCrate(crate, policy, assembly, subject)),
      ...excluded(policy, assembly, options.crate),
    ],
    vars: tracedVars(
      one === undefined ? assembly.layers : crateLayers(one.declared, assembly),
      valuesFor(
        one === undefined ? assembly.vars : crateVars(one.declared, assembly),
        assembly,
        subject,
      ),
    ),
    resources: crates.flatMap((crate) => tracedResources(crate, policy, assembly, subject, keys)),
    waivers: waiversFor(policy, place.file, hostname),
    dropped: dropped(policy, assembly, options.crate),
  };
}

/** Those of the folders above its hostcrate that name the host, or nobody. */
function waiversFor({ declared }: Policy, file: string, hostname: string) {
  const above = foldersOf(file);
  return declared.waivers
    .filter(({ folder, match }) => {
      const patterns = match.map(({ value }) => hostPattern(value));
      const named = patterns.some((one) => !("error" in one) && one.matches(hostname));
      return above.includes(folder) && (match.length === 0 || named);
    })
    .map(({ place, controls, reason, until }): TracedWaiver => ({
      place,
      controls: controls.map(({ value }) => value),
      reason,
      until,
    }));
}

const empty = { waivers: [], roles: [], configcrates: [], vars: [], resources: [], dropped: [] };

const decided = (crate: ReadyCrate, policy: Policy, assembly: Assembly, subject: Subject) =>
  decisionsOf(crate, {
    subject,
    assembly,
    vars: valuesFor(crateVars(crate.declared, assembly), assembly, subject),
    types: policy.registries.traits,
    decided: new Map(),
  });

/** With what the lookups come to; one that finds nothing is left out. */
const valuesFor = ({ values, lookups }: Laid, { tables }: Assembly, subject: Subject): JsonObject =>
  Object.assign(Object.create(null), values, lookUp([...lookups], values, tables, subject).values);

function tracedCrate(
  crate: ReadyCrate,
  policy: Policy,
  assembly: Assembly,
  subject: Subject,
): TracedCrate {
  const { name, place } = crate.declared;
  const { crate: decision } = decided(crate, policy, assembly, subject);
  return {
    name,
    place,
    because: assembly.because.get(name) ?? "",
    compliance: crate.declared.compliance.map(({ value }) => value),
    ...(crate.when === undefined ? {} : { when: { source: crate.when.source, decision } }),
  };
}

function excluded(policy: Policy, { excluded, because }: Assembly, only: string | undefined) {
  return [...excluded]
    .filter(([name]) => only === undefined || only === name)
    .flatMap(([name, excludedBy]): readonly TracedCrate[] => {
      const place = policy.declared.configcrates.get(name)?.place;
      const why = { because: because.get(name) ?? "", compliance: [], excludedBy };
      return place ? [{ name, place, ...why }] : [];
    });
}

function tracedVars(layers: readonly Layer[], values: { readonly [name: string]: Json }) {
  return Object.keys(values)
    .sort()
    .map((name): TracedVar => ({
      name,
      value: plain(values[name] ?? null),
      set: layers.flatMap(({ what, vars }) => {
        const one = vars.get(name);
        return one === undefined ? [] : [{ what, place: one.place, value: plain(one.value) }];
      }),
    }));
}

/** With a prototype again, for whoever prints it. */
const plain = (value: Json): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => plain(item));
  if (isSealed(value)) return writtenAs(value.node);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
};

function tracedResources(
  crate: ReadyCrate,
  policy: Policy,
  assembly: Assembly,
  subject: Subject,
  keys: readonly string[],
): readonly TracedResource[] {
  const decisions = decided(crate, policy, assembly, subject);
  return crate.resources.map(({ declared, when }, index) => {
    const own = decisions.crate === "out" ? "out" : (decisions.resources[index] ?? "in");
    const name = `${declared.crate}/${declared.name}`;
    return {
      name,
      place: declared.place,
      decision: own === "in" ? decisions.crate : own,
      ...(when === undefined ? {} : { when: { source: when.source, decision: own } }),
      keys: keys.filter((key) => isNamed(name, key)),
    };
  });
}

function dropped({ links }: Policy, { crates }: Assembly, only: string | undefined) {
  const names = new Set(crates.map(({ name }) => name));
  return links.flatMap(({ from, to, place }) => {
    const away = [from, to].find(({ crate }) => !names.has(crate));
    const here = [from, to].find(({ crate }) => names.has(crate));
    const asked = only === undefined || here?.crate === only;
    return away === undefined || here === undefined || !asked ? [] : [{ place, to: nameOf(away) }];
  });
}
