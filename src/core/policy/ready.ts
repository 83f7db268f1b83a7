/** Declarations made ready to be resolved: conditions, templates and links. Must not know hosts. */
import { Clean } from "./clean.ts";
import type { Configcrate, Declared, Hostcrate } from "./declared.ts";
import type { Findings } from "./findings.ts";
import { type HostPattern, hostPattern } from "./hostname.ts";
import type { Registries } from "./model.ts";
import { clip } from "./node.ts";
import {
  choicesOf,
  type Policy,
  type Reads,
  type ReadyCrate,
  type ReadyHostcrate,
  type ReadyResource,
} from "./policy.ts";
import { readyCondition, readyWhere } from "./ready-conditions.ts";
import { readyForeach } from "./ready-foreach.ts";
import { checkReads, readsOfResource } from "./ready-reads.ts";
import { readyResource, type Shelf, sourceFile } from "./ready-resource.ts";
import { type Link, linksOf } from "./references.ts";
import { type Steps, stepsOf } from "../steps.ts";

/** `references`: where names that lead nowhere are said; nowhere, when some file could not be read. */
export function* ready(
  declared: Declared,
  registries: Registries,
  found: Findings,
  references: Findings,
): Steps<Policy> {
  const links = linksOf(declared, references);
  const shelf = { files: declared.templates, registries, found };
  const notified = notifiedBy(links);
  const hostcrates = hostcratesOf(declared, registries, found);
  const crates = new Map<string, ReadyCrate>();
  const step = stepsOf("preparing configcrates", declared.configcrates.size);
  for (const [name, crate] of declared.configcrates) {
    yield step();
    const rest = [registries.resources, registries.traits, notifiedIn(crate, notified)];
    const make = (own: Findings) => readyCrate(crate, notified, { ...shelf, found: own });
    crates.set(name, clean.crates.of(crate, shelf.files, rest, found, make));
  }
  return { declared, registries, hostcrates, crates, links };
}

/** By declaration and all else that matters, so that what has not changed is the very same object. */
const clean = { crates: new Clean<ReadyCrate>(), hostcrates: new Clean<ReadyHostcrate>() };

/** By configcrate, the resources of it that somebody notifies; undefined among them: all. */
type Notified = ReadonlyMap<string, ReadonlySet<string | undefined>>;

function notifiedBy(links: readonly Link[]): Notified {
  const notified = new Map<string, Set<string | undefined>>();
  for (const { kind, to } of links) {
    if (kind !== "notify") continue;
    const names = notified.get(to.crate) ?? new Set<string | undefined>();
    notified.set(to.crate, names.add(to.resource));
  }
  return notified;
}

const nobody: ReadonlySet<string | undefined> = new Set();

/** One text for each way its resources can be notified. */
function notifiedIn({ name, resources }: Configcrate, notified: Notified): string {
  const names = notified.get(name) ?? nobody;
  if (names.size === 0 || names.has(undefined)) return names.size === 0 ? "" : "*";
  return resources.map((one) => (names.has(one.name) ? "1" : "0")).join("");
}

function hostcratesOf(declared: Declared, { traits }: Registries, found: Findings) {
  return declared.hostcrates.map((hostcrate) =>
    clean.hostcrates.of(hostcrate, traits, [], found, (own) =>
      readyHostcrate(hostcrate, traits, own),
    ),
  );
}

const readyHostcrate = (
  hostcrate: Hostcrate,
  traits: Registries["traits"],
  found: Findings,
): ReadyHostcrate => ({
  declared: hostcrate,
  patterns: hostcrate.match.flatMap(({ value, place }): readonly HostPattern[] => {
    const pattern = hostPattern(value);
    if (!("error" in pattern)) return [pattern];
    found.problem("VG307", place, clip(value), { message: `bad pattern: ${pattern.error}` });
    return [];
  }),
  where: readyWhere(hostcrate.where, traits, found),
});

function readyCrate(declared: Configcrate, notified: Notified, shelf: Shelf): ReadyCrate {
  const { found, registries } = shelf;
  const names = notified.get(declared.name) ?? nobody;
  const repeated = declared.foreach !== undefined;
  const resources = declared.resources.map((resource) => {
    const asked = names.has(undefined) || names.has(resource.name);
    return readyResource(resource, { notified: asked, repeated }, shelf);
  });
  for (const resource of resources) checkReads(resource, repeated, registries, found);
  const foreach = readyForeach(declared.foreach, false, found);
  const when = readyCondition(declared.when, registries.traits, found);
  if (when?.changed === true && declared.when !== undefined)
    found.problem("VG502", declared.when.place, "changed", {
      message: "changed says when one resource acts; a configcrate is not notified",
      hint: "move it to the resource",
    });
  const reads = readsOf({ when, foreach, resources }, shelf);
  return { declared, when, foreach, resources, reads };
}

function readsOf(crate: Omit<ReadyCrate, "declared" | "reads">, shelf: Shelf): Reads {
  const { when, resources } = crate;
  const paths = [
    ...resources.flatMap((resource) => [
      ...[...readsOfResource(resource)].map(({ read }) => read.path),
      ...(choicesOf(resource).some(mayUseAnyFile) ? allFiles(shelf) : []),
    ]),
    ...[crate, ...resources].flatMap(({ foreach }) =>
      foreach?.kind === "var" ? [["vars", ...foreach.path]] : [],
    ),
  ];
  const conditions = [when, ...resources.map((resource) => resource.when)];
  const below = (root: string) => paths.filter(([head]) => head === root);
  const names = below("vars").map(([, name]) => name ?? "*");
  const asked = conditions.flatMap((condition) => condition?.vars.map(({ name }) => name) ?? []);
  return {
    vars: unique([...names, ...asked]),
    traits: unique(below("traits").map((path) => JSON.stringify(path.slice(1)))).map(
      (path) => JSON.parse(path) as string[],
    ),
    envoy: unique(below("envoy").map(([, field]) => field ?? "*")),
  };
}

/** A `source:` that is a template itself may come to any file. */
export const mayUseAnyFile = ({ declared, templates, source }: ReadyResource): boolean => {
  const value = declared.params.entries.get("source")?.value;
  return source === undefined && value?.kind === "scalar" && templates.has(value);
};

const allFiles = ({ files, found }: Shelf): readonly (readonly string[])[] =>
  [...files].flatMap(([file, bytes]) => {
    const source = file.endsWith(".liquid") ? sourceFile(file, bytes, found) : undefined;
    return source?.kind === "template" ? source.template.reads.map(({ path }) => path) : [];
  });

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
