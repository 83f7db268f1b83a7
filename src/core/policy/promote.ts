/**
 * Makes one environment treat a configcrate as another does: its `environment_overrides:`, and whether an `environments.vgo`
 * includes or excludes it. Gives texts; must not know where they are kept.
 */
import { unknownWord } from "../did-you-mean.ts";
import { VigoError } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import { copyYaml } from "../text/yaml-copy.ts";
import { removeYaml, setYaml, yamlValue } from "../text/yaml-edit.ts";
import { type KeyPath, valueAt } from "../text/key-path.ts";
import type { Configcrate, Declared } from "./declared.ts";
import type { Tree } from "./model.ts";
import { textOfBytes } from "./parse.ts";
import type { Policy } from "./policy.ts";

export interface Promotion {
  readonly crate: string;
  readonly from: string;
  readonly to: string;
}

/** New texts by file; empty: both treat it alike already. Rejects with `missing` for a name that nothing bears. */
export function promoted(
  tree: Tree,
  { declared }: Policy,
  wanted: Promotion,
): ReadonlyMap<string, string> {
  const crate = crateNamed(declared, wanted.crate);
  const known = environmentsOf(declared);
  for (const name of [wanted.from, wanted.to]) mustBeKnown("environment", name, known);
  const files = new Set([crate.place.file]);
  for (const folder of declared.environments.values())
    for (const name of [wanted.from, wanted.to]) {
      const file = folder.get(name)?.place.file;
      if (file !== undefined) files.add(file);
    }
  const texts = [...files].map((file) => {
    const before = textIn(tree, file);
    const overridden = file === crate.place.file ? overridesAs(before, wanted) : before;
    return { file, before, after: listedAs(overridden, wanted) };
  });
  const changed = texts.filter(({ before, after }) => before !== after);
  return new Map(changed.map(({ file, after }) => [file, after]));
}

function crateNamed({ configcrates }: Declared, name: string): Configcrate {
  const crate = configcrates.get(name);
  if (crate !== undefined) return crate;
  throw new VigoError("missing", unknownWord("configcrate", name, [...configcrates.keys()]), {
    hint: "vigo cli config tree lists them",
  });
}

/** Every name that some part of the policy uses. */
function environmentsOf(declared: Declared): readonly string[] {
  const { environments, configcrates, hostcrates } = declared;
  const names = [
    ...[...environments.values()].flatMap((folder) => [...folder.keys()]),
    ...[...configcrates.values()].flatMap(({ overrides }) => [...overrides.keys()]),
    ...hostcrates.flatMap(({ environment }) => environment?.value ?? []),
  ];
  return [...new Set(names)];
}

function mustBeKnown(kind: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new VigoError("missing", unknownWord(kind, name, known), {
    hint:
      known.length === 0
        ? "hostcrates name their environment; environments.vgo describes it"
        : `the stacks use ${known.join(", ")}`,
  });
}

function textIn({ files }: Tree, file: string): string {
  const text = textOfBytes(files.get(file) ?? new Uint8Array());
  if (text === undefined) throw new Error(`${file} was read as a text before`);
  return text;
}

function overridesAs(text: string, { from, to }: Promotion): string {
  const map: KeyPath = ["environment_overrides"];
  const value = yamlValue(text);
  const [wish, now] = [valueAt(value, [...map, from]), valueAt(value, [...map, to])];
  if (wish !== undefined)
    return JSON.stringify(wish) === JSON.stringify(now) ? text : copyYaml(text, map, from, to);
  return now === undefined ? text : removeYaml(text, [...map, to]);
}

/** A file without environments, as that of a configcrate, stays as it is. */
function listedAs(text: string, wanted: Promotion): string {
  const env = valueAt(yamlValue(text), ["env"]);
  if (!isObject(env)) return text;
  return lists.reduce((now, list) => oneListAs(now, list, wanted), text);
}

const lists = ["configcrates", "exclude_configcrates"] as const;

function oneListAs(text: string, list: string, { crate, from, to }: Promotion): string {
  const value = yamlValue(text);
  const namesOf = (environment: string) => listOf(valueAt(value, ["env", environment, list]));
  const isWanted = namesOf(from).includes(crate);
  const path: KeyPath = ["env", to, list];
  const names = namesOf(to);
  if (isWanted === names.includes(crate)) return text;
  if (!Array.isArray(valueAt(value, path)))
    return isWanted ? setYaml(text, path, [...names, crate]) : removeYaml(text, path);
  return isWanted
    ? setYaml(text, [...path, names.length], crate)
    : removeYaml(text, names.length === 1 ? path : [...path, names.indexOf(crate)]);
}

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
