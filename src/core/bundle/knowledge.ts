/**
 * What an agent knows: the resource types, traits and words of conditions that its program was built with, as it tells them to a
 * server that is newer, and what of a policy it does not know. Must not know who asks, nor how it travels.
 */
import { z } from "zod";
import { canonicalJson, type JsonObject } from "../json.ts";
import { sha256 } from "../pki/keys.ts";
import type { Place, Registries, ResolvedCondition, ResolvedResource } from "../policy/model.ts";
import { parameterNames } from "../policy/parameters.ts";
import { isSecretNode, type SecretNode, secretFilters } from "../policy/secrets.ts";
import { calls, names } from "../policy/when/functions.ts";
import { parseCondition } from "../policy/when/parse.ts";
import { sectionsOf } from "../policy/when/shape.ts";

export interface Knowledge {
  /** Parameters by type. */
  readonly types: Readonly<Record<string, readonly string[]>>;
  /** Fields by trait; empty where it has none of its own. */
  readonly traits: Readonly<Record<string, readonly string[]>>;
  /** Names and functions of conditions. */
  readonly functions: readonly string[];
  /** What it does to secrets. */
  readonly filters: readonly string[];
}

/** Loads every unit there is: for the build, and for tests. */
export function knowledgeOf({ resources, traits }: Pick<Registries, "resources" | "traits">) {
  const types = resources.map((type) => [type.name, [...parameterNames(type)].sort()]);
  const sections = [...sectionsOf(traits)].map(([name, shape]) => [
    name,
    shape.kind === "object" ? [...shape.fields.keys()].sort() : [],
  ]);
  const knowledge: Knowledge = {
    types: Object.fromEntries(types),
    traits: Object.fromEntries(sections),
    functions: [...names, ...calls].map(({ name }) => name).sort(),
    filters: [...secretFilters].sort(),
  };
  return knowledge;
}

/** Two agents that know the same write the same. */
export const knowledgeText = (knowledge: Knowledge): string =>
  canonicalJson(knowledge as unknown as JsonObject);

/** In bytes; what there is today comes to a tenth. */
const mostBytes = 256 * 1024;

/** What an agent has told, if it is what its digest stands for and can be read. */
export function readKnowledge(bytes: Uint8Array, digest: Uint8Array): Knowledge | undefined {
  if (bytes.length > mostBytes || !Buffer.from(sha256(bytes)).equals(digest)) return undefined;
  try {
    return shape().parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
}

const shape = () => {
  const words = z.array(z.string().max(200)).max(2_000);
  const byName = z.record(z.string().max(200), words);
  return z.object({ types: byName, traits: byName, functions: words, filters: words });
};

/** One thing that a resource uses and an agent does not know. */
export interface Lack {
  /** `type teleport`, `parameter content of file`, `trait docker`, … */
  readonly what: string;
  readonly key: string;
  readonly place: Place;
}

/** Each thing once, with the first resource that uses it. */
export function lacksOf(
  resources: readonly ResolvedResource[],
  knowledge: Knowledge,
  { traits }: Pick<Registries, "traits">,
): readonly Lack[] {
  const lacks = new Map<string, Lack>();
  for (const resource of resources)
    for (const what of unknownIn(resource, knowledge, traits))
      if (!lacks.has(what)) lacks.set(what, { what, key: resource.key, place: resource.place });
  return [...lacks.values()];
}

function* unknownIn(
  { type, params, when }: ResolvedResource,
  knowledge: Knowledge,
  traits: Registries["traits"],
): Generator<string> {
  const parameters = own(knowledge.types, type);
  if (parameters === undefined) yield `type ${type}`;
  else
    for (const name of Object.keys(params))
      if (!parameters.includes(name)) yield `parameter ${name} of ${type}`;
  for (const [filter] of filtersIn(params))
    if (!knowledge.filters.includes(filter)) yield `filter ${filter} for secrets`;
  if (when !== undefined) yield* unknownToCondition(when, knowledge, traits);
}

function* unknownToCondition(
  { source }: ResolvedCondition,
  knowledge: Knowledge,
  traits: Registries["traits"],
): Generator<string> {
  const condition = parseCondition(source, traits);
  if (condition.kind === "error" || condition.changed) return;
  for (const name of condition.functions)
    if (!knowledge.functions.includes(name)) yield `${name} in conditions`;
  for (const path of condition.fields) {
    const [section = "", field] = path.split(".");
    const fields = own(knowledge.traits, section);
    if (fields === undefined) yield `trait ${section}`;
    else if (field !== undefined && fields.length > 0 && !fields.includes(field))
      yield `trait ${section}.${field}`;
  }
}

const own = (table: Readonly<Record<string, readonly string[]>>, name: string) =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Wherever a secret stands, what is done to it. */
function filtersIn(value: unknown): NonNullable<SecretNode["filters"]> {
  if (typeof value !== "object" || value === null) return [];
  const here = isSecretNode(value) ? (value.filters ?? []) : [];
  return [...here, ...Object.values(value).flatMap((one) => [...filtersIn(one)])];
}
