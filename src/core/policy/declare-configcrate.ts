/** A file under `configcrates/` or `usercrates/` taken apart. Must not know which hosts include it, nor where its references lead. */
import { unknownWord } from "../did-you-mean.ts";
import { accountOf } from "./account.ts";
import type { Configcrate, Ref, Resource, Vars } from "./declared.ts";
import { controlsOf } from "./declare-compliance.ts";
import { commonAttributes, declareResource } from "./declare-resource.ts";
import type { Findings } from "./findings.ts";
import type { Placed, Registries } from "./model.ts";
import { type Entry, excerpt, type MapNode, type Node } from "./node.ts";
import { parameterNames } from "./parameters.ts";
import {
  type Fields,
  fieldsOf,
  flagOf,
  listOf,
  mapOf,
  nameOf,
  scalarOf,
  type Shape,
  textsOf,
} from "./shape.ts";
import { declareVars, noVars } from "./vars.ts";

/** What the two kinds of crates differ in. */
interface Kind {
  readonly shape: Shape;
  readonly what: string;
  /** Of the key that names it. */
  readonly key: string;
  readonly folder: string;
  /** Before its name, so that an account may be called like a configcrate. */
  readonly prefix: string;
}

const keys = [
  "depends_on",
  "when",
  "vars",
  "defaults",
  "environment_overrides",
  "noop",
  "compliance",
  "resources",
] as const;

export const configcrateShape = {
  what: "a configcrate",
  keys: ["configcrate", "name", "foreach", ...keys],
  misplaced: {
    match: "hostcrates stand outside configcrates/, e.g. in envoys.vgo",
    envoys: "hostcrates stand outside configcrates/, e.g. in envoys.vgo",
    roles: "roles stand in roles.vgo; a host's roles in its hostcrate",
    configcrates: "to order after another configcrate use depends_on; to include both use a role",
  },
} as const satisfies Shape;

export const usercrateShape = {
  what: "a usercrate",
  keys: ["usercrate", "name", ...keys],
  misplaced: {
    configcrate: "configcrates stand under configcrates/",
    match: "a hostcrate, a role or common.vgo lists it under `usercrates:`",
  },
} as const satisfies Shape;

const kinds = {
  configcrate: {
    shape: configcrateShape,
    what: "a configcrate",
    key: "configcrate",
    folder: "configcrates",
    prefix: "",
  },
  usercrate: {
    shape: usercrateShape,
    what: "a usercrate",
    key: "usercrate",
    folder: "usercrates",
    prefix: "~",
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** `inherited`: controls that its folders claim for it. */
export function declareConfigcrate(
  node: Node,
  registries: Registries,
  inherited: readonly Ref[],
  found: Findings,
): Configcrate | undefined {
  return declareCrate(node, kinds.configcrate, registries, inherited, found);
}

/** The same with an account: its vars gain `user.name`, `user.home` and `user.uid`. */
export function declareUsercrate(
  node: Node,
  registries: Registries,
  found: Findings,
): Configcrate | undefined {
  const crate = declareCrate(node, kinds.usercrate, registries, [], found);
  if (crate === undefined) return undefined;
  for (const [name, { place }] of [...crate.vars].filter(([name]) => name === "user"))
    found.problem("VG304", place, name, {
      message: "user is what Vigo says of the account",
      hint: "give this var another name",
    });
  return { ...crate, account: accountOf(crate) };
}

function declareCrate(
  node: Node,
  kind: Kind,
  registries: Registries,
  inherited: readonly Ref[],
  found: Findings,
): Configcrate | undefined {
  const fields = fieldsOf(node, kind.shape, found);
  const name = crateName(node, kind, fields, found);
  if (name === undefined) return undefined;
  const defaults = mapOf(fields.get("defaults"), "defaults", found);
  const around = { crate: `${kind.prefix}${name.value}`, defaults, registries, found };
  const items = listOf(fields.get("resources"), "resources", found)?.items ?? [];
  const resources = items.flatMap((item) => declareResource(item, around) ?? []);
  if (defaults !== undefined) checkDefaults(defaults, resources, found);
  return {
    name: around.crate,
    place: name.place,
    dependsOn: textsOf(fields.get("depends_on"), "depends_on", found),
    when: scalarOf(fields.get("when"), "when", found),
    foreach: fields.get("foreach")?.value,
    vars: declareVars(fields.get("vars"), found),
    overrides: overridesOf(fields.get("environment_overrides"), found),
    account: noVars,
    compliance: [...inherited, ...controlsOf(fields.get("compliance"), found)],
    noop: flagOf(fields.get("noop"), "noop", found),
    resources: unique(resources, found),
    lost: new Set(items.flatMap(namesIn)),
  };
}

const namesIn = (item: Node): readonly string[] => {
  const name = item.kind === "map" ? item.entries.get("name")?.value : undefined;
  return name?.kind === "scalar" ? [name.source] : [];
};

function crateName(
  node: Node,
  { key, what, folder }: Kind,
  fields: Fields,
  found: Findings,
): Placed<string> | undefined {
  const entry = fields.get(key) ?? fields.get("name");
  if (entry !== undefined) return nameOf(entry, what, found);
  if (node.kind === "map")
    found.problem("VG302", node.place, excerpt(node), {
      message: `a file under ${folder}/ declares ${what}`,
      hint: `begin it with \`${key}: NAME\``,
    });
  return undefined;
}

function overridesOf(entry: Entry | undefined, found: Findings) {
  const overrides = new Map<string, Placed<Vars>>();
  const block = mapOf(entry, "environment_overrides", found);
  for (const [environment, { place, value }] of block?.entries ?? []) {
    const inside = fieldsOf(value, { what: "an environment override", keys: ["vars"] }, found);
    overrides.set(environment, { place, value: declareVars(inside.get("vars"), found) });
  }
  return overrides;
}

/** A default that no resource here can take is a typing error. */
function checkDefaults(defaults: MapNode, resources: readonly Resource[], found: Findings): void {
  const known = new Set([
    ...resources.flatMap(({ type }) => parameterNames(type)),
    ...commonAttributes.filter((name) => name !== "name" && name !== "type"),
  ]);
  for (const [key, { place }] of defaults.entries)
    if (!known.has(key))
      found.problem("VG103", place, key, {
        message: unknownWord("parameter", key, [...known], " of any resource here"),
      });
    else if (["when", "foreach"].includes(key) || key.startsWith("depends"))
      found.problem("VG103", place, key, { message: `"${key}" cannot be a default` });
}

function unique(resources: readonly Resource[], found: Findings): readonly Resource[] {
  const first = new Map<string, Resource>();
  for (const resource of resources) {
    const before = first.get(resource.name);
    if (before === undefined) first.set(resource.name, resource);
    else
      found.problem("VG305", resource.place, resource.name, {
        message: `two resources named "${resource.name}" in configcrate ${resource.crate}; the first is in line ${before.place.line}`,
        hint: "give one of them another `name:`",
      });
  }
  return [...first.values()];
}
