/**
 * One entry of `resources:` taken apart: its type, its name, the attributes every resource may have, and the parameters of
 * its type. Must not know whether the values suit the type, nor where its references lead.
 */
import { unknownWord } from "../did-you-mean.ts";
import type { AnyResourceType } from "../resource.ts";
import type { Ref, Resource } from "./declared.ts";
import type { Findings } from "./findings.ts";
import type { Place, Registries } from "./model.ts";
import { clip, type Entry, excerpt, type MapNode, type Node } from "./node.ts";
import { declareSelect } from "./declare-select.ts";
import { parameterNames } from "./parameters.ts";
import { reservedAttributes, reservedTypes } from "./reserved.ts";
import { durationOf, flagOf, notYet, scalarOf, textOf, textsOf, wrongShape } from "./shape.ts";

/** Attributes of every resource, whatever its type. */
export const commonAttributes = [
  "name",
  "type",
  "when",
  "foreach",
  "select",
  "depends_on",
  "before",
  "requires",
  "notify",
  "subscribes",
  "timeout",
  "retries",
  "revert",
  "noop",
  "sensitive",
  "render",
] as const;

/** What one may give to all resources of a configcrate besides parameters. */
const inheritable: readonly string[] = ["timeout", "retries", "noop", "sensitive", "render"];

export interface Surroundings {
  readonly crate: string;
  readonly defaults: MapNode | undefined;
  readonly registries: Registries;
  readonly found: Findings;
}

export function declareResource(node: Node, around: Surroundings): Resource | undefined {
  const { found } = around;
  if (node.kind !== "map") {
    wrongShape(node, "a resource", "a map of keys and values", found);
    return undefined;
  }
  const type = typeOf(node, around);
  return type && build(withDefaults(node, type, around.defaults), type, around);
}

function typeOf(node: MapNode, { registries, found }: Surroundings): AnyResourceType | undefined {
  const entry = node.entries.get("type");
  if (entry === undefined) {
    const known = registries.resources.map(({ name }) => name);
    found.problem("VG302", node.place, excerpt(node), {
      message: "a resource needs a type",
      hint: `add \`type:\`, one of ${clip(known.join(", "))}`,
    });
    return undefined;
  }
  const written = textOf(entry, "type", found);
  if (written === undefined) return undefined;
  const type = typesOf(registries).get(written.value);
  if (type === undefined && reservedTypes.includes(written.value))
    notYet(`type ${written.value}`, written, written.value, found);
  else if (type === undefined) unknownType(written, registries, found);
  return type;
}

const types = new WeakMap<Registries["resources"], ReadonlyMap<string, AnyResourceType>>();

function typesOf({ resources }: Registries): ReadonlyMap<string, AnyResourceType> {
  const known = types.get(resources) ?? new Map(resources.map((type) => [type.name, type]));
  types.set(resources, known);
  return known;
}

function unknownType(written: Ref, { resources }: Registries, found: Findings): void {
  const names = resources.map(({ name }) => name);
  found.problem("VG102", written.place, written.value, {
    message: unknownWord("resource type", written.value, names),
    hint: "vigo cli explain lists the types",
  });
}

function withDefaults(node: MapNode, type: AnyResourceType, defaults: MapNode | undefined) {
  if (defaults === undefined) return node;
  const allowed = new Set([...parameterNames(type), ...inheritable]);
  if (type.reversal !== undefined) allowed.add("revert");
  const given = [...defaults.entries].filter(([key]) => allowed.has(key) && !node.entries.has(key));
  return given.length === 0 ? node : { ...node, entries: new Map([...node.entries, ...given]) };
}

function build(node: MapNode, type: AnyResourceType, around: Surroundings): Resource {
  const { found, crate } = around;
  const own = parameterNames(type);
  const get = (key: string) => node.entries.get(key);
  const refs = (key: string) => textsOf(get(key), key, found);
  const params = paramsOf(node, own);
  checkReversal(node, type, own, found);
  for (const key of reservedAttributes) {
    const entry = own.includes(key) ? undefined : get(key);
    if (entry !== undefined) notYet(`"${key}"`, entry, key, found);
  }
  return {
    crate,
    type,
    place: node.place,
    name: resourceName(node, type, found),
    params,
    select: declareSelect(get("select"), params, commonAttributes, found),
    when: scalarOf(get("when"), "when", found),
    foreach: get("foreach")?.value,
    dependsOn: refs("depends_on"),
    before: refs("before"),
    requires: refs("requires"),
    notify: refs("notify"),
    subscribes: refs("subscribes"),
    timeoutMs: own.includes("timeout") ? undefined : durationOf(get("timeout"), "timeout", found),
    retries: retriesOf(get("retries"), own, found),
    revert: type.reversal !== undefined && flagOf(get("revert"), "revert", found),
    noop: flagOf(get("noop"), "noop", found),
    sensitive: flagOf(get("sensitive"), "sensitive", found),
    render: get("render") === undefined || flagOf(get("render"), "render", found),
  };
}

/** A command's own `on_revert` is looked at where its parameters are known. */
function checkReversal(
  { entries }: MapNode,
  type: AnyResourceType,
  own: readonly string[],
  found: Findings,
): void {
  const hint = own.includes("state")
    ? "state: absent takes it away"
    : "write what it was before in its parameters";
  const [revert, command] = [entries.get("revert"), entries.get("on_revert")];
  if (revert !== undefined && type.reversal === undefined)
    found.problem("VG702", revert.place, "revert", {
      message: `nothing undoes a resource of type ${type.name}`,
      hint,
    });
  if (command !== undefined && !own.includes("on_revert"))
    found.problem("VG702", command.place, "on_revert", {
      message: `${type.name} runs no command, so it has no on_revert`,
      hint: type.reversal === undefined ? hint : "revert: true puts back what was there first",
    });
}

/** A parameter of the type wins over a common attribute of the same name: `timeout` of an `exec` is its own. */
function paramsOf(node: MapNode, own: readonly string[]): MapNode {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries)
    if (key !== "type" && key !== "name" && (!notParameters.has(key) || own.includes(key)))
      entries.set(key, entry);
  return { ...node, entries };
}

const notParameters: ReadonlySet<string> = new Set([
  ...commonAttributes,
  "on_revert",
  ...reservedAttributes,
]);

const mostRetries = 100;

function retriesOf(entry: Entry | undefined, own: readonly string[], found: Findings) {
  const written = own.includes("retries") ? undefined : textOf(entry, "retries", found);
  if (written === undefined) return undefined;
  if (/^\d{1,3}$/.test(written.value) && Number(written.value) <= mostRetries)
    return Number(written.value);
  found.problem("VG507", written.place, written.value, {
    message: `retries must be a whole number from 0 to ${mostRetries}, not "${written.value}"`,
  });
  return undefined;
}

function resourceName(node: MapNode, type: AnyResourceType, found: Findings): string {
  const entry = node.entries.get("name");
  if (entry === undefined) return defaultName(node, type);
  const name = textOf(entry, "name", found);
  if (name === undefined) return defaultName(node, type);
  checkName(name.value, name.place, found);
  return name.value;
}

/** `type:main-parameter`, as it is written: names are never rendered. */
function defaultName(node: MapNode, type: AnyResourceType): string {
  const main = type.main === undefined ? undefined : node.entries.get(type.main)?.value;
  if (main === undefined) return type.name;
  const words = main.kind === "list" ? main.items : [main];
  return `${type.name}:${words.map(excerpt).join(",")}`;
}

function checkName(name: string, place: Place, found: Findings): void {
  if (/\{\{|\{%/.test(name))
    found.problem("VG506", place, clip(name), {
      message: "names are never rendered",
      hint: "write a fixed name; foreach adds [item] by itself",
    });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name is printed on one line of a terminal
  else if (name.length > 200 || /[[\]\x00-\x1f\x7f]|^\s|\s$|^$/.test(name))
    found.problem("VG304", place, clip(name), {
      message: `"${clip(name)}" is no name for a resource`,
      hint: "one line of at most 200 letters, without [ and ]",
    });
}
