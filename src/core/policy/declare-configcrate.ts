/** A file under `configcrates/` taken apart. Must not know which hosts include it, nor where its references lead. */
import { unknownWord } from "../did-you-mean.ts";
import type { Configcrate, Resource, Vars } from "./declared.ts";
import { commonAttributes, declareResource } from "./declare-resource.ts";
import type { Findings } from "./findings.ts";
import type { Placed, Registries } from "./model.ts";
import type { Entry, MapNode, Node } from "./node.ts";
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
import { declareVars } from "./vars.ts";

const shape: Shape = {
  what: "a configcrate",
  keys: [
    "configcrate",
    "name",
    "depends_on",
    "when",
    "vars",
    "defaults",
    "environment_overrides",
    "noop",
    "resources",
  ],
  later: ["compliance"],
  misplaced: {
    match: "hostcrates stand outside configcrates/, e.g. in envoys.vgo",
    envoys: "hostcrates stand outside configcrates/, e.g. in envoys.vgo",
    roles: "roles stand in roles.vgo; a host's roles in its hostcrate",
    configcrates: "to order after another configcrate use depends_on; to include both use a role",
  },
};

export function declareConfigcrate(
  node: Node,
  registries: Registries,
  found: Findings,
): Configcrate | undefined {
  const fields = fieldsOf(node, shape, found);
  const name = crateName(node, fields, found);
  if (name === undefined) return undefined;
  const defaults = mapOf(fields.get("defaults"), "defaults", found);
  const around = { crate: name.value, defaults, registries, found };
  const items = listOf(fields.get("resources"), "resources", found)?.items ?? [];
  const resources = items.flatMap((item) => declareResource(item, around) ?? []);
  if (defaults !== undefined) checkDefaults(defaults, resources, found);
  return {
    name: name.value,
    place: name.place,
    dependsOn: textsOf(fields.get("depends_on"), "depends_on", found),
    when: scalarOf(fields.get("when"), "when", found),
    vars: declareVars(fields.get("vars"), found),
    overrides: overridesOf(fields.get("environment_overrides"), found),
    noop: flagOf(fields.get("noop"), "noop", found),
    resources: unique(resources, found),
    lost: new Set(items.flatMap(namesIn)),
  };
}

const namesIn = (item: Node): readonly string[] => {
  const name = item.kind === "map" ? item.entries.get("name")?.value : undefined;
  return name?.kind === "scalar" ? [name.source] : [];
};

function crateName(node: Node, fields: Fields, found: Findings): Placed<string> | undefined {
  const entry = fields.get("configcrate") ?? fields.get("name");
  if (entry !== undefined) return nameOf(entry, "a configcrate", found);
  if (node.kind === "map")
    found.problem("VG302", node.place, [...node.entries.keys()].join(", "), {
      message: "a file under configcrates/ declares a configcrate",
      hint: "begin it with `configcrate: NAME`",
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
