/**
 * What the templates of a resource read, held to what there is: traits and their fields, the envoy, items; `run` traits and
 * unquoted values in shell texts are refused. Vars are only collected: who sets them differs by host. Must not know hosts.
 */
import { unknownWord } from "../did-you-mean.ts";
import type { AnyResourceType } from "../resource.ts";
import type { Findings } from "./findings.ts";
import type { Place, Registries } from "./model.ts";
import { clip, placeWithin, scalarsOf } from "./node.ts";
import { isScriptParameter, isShellParameter } from "./parameters.ts";
import { choicesOf, type ReadyResource } from "./policy.ts";
import type { Read } from "./template/reads.ts";
import type { Template } from "./template/template.ts";
import { type Sections, sectionsOf, type Shape } from "./when/shape.ts";

/** What runs the text that a value is printed into: nothing, `sh`, or something that no filter quotes for. */
export type ShellKind = false | "sh" | "script";

/** One read of one template, with its place in the tree. */
export interface PlacedRead {
  readonly read: Read;
  readonly place: Place;
  /** It is printed into a text that a shell runs. */
  readonly shell: ShellKind;
}

export function* readsOfResource(resource: ReadyResource): Generator<PlacedRead> {
  const { select } = resource;
  if (select !== undefined)
    for (const read of select.on.reads)
      yield { read, shell: false, place: placeWithin(select.place, read.line, read.column) };
  for (const choice of choicesOf(resource)) yield* readsOfChoice(choice);
}

function* readsOfChoice({ declared, templates, source }: ReadyResource): Generator<PlacedRead> {
  for (const { node, path } of templates.size === 0 ? [] : scalarsOf(declared.params)) {
    const template = templates.get(node);
    if (template === undefined || template.reads.length === 0) continue;
    const shell = shellOf(declared.type, path);
    for (const read of template.reads)
      yield { read, shell, place: placeWithin(node, read.line, read.column) };
  }
  if (source?.kind === "template") yield* readsOfFile(source.file, source.template);
}

const shellOf = (type: AnyResourceType, path: readonly PropertyKey[]): ShellKind =>
  isScriptParameter(type, path) ? "script" : isShellParameter(type, path) && "sh";

function* readsOfFile(file: string, { reads }: Template): Generator<PlacedRead> {
  for (const read of reads)
    yield { read, shell: false, place: { file, line: read.line, column: read.column } };
}

/** `repeated`: its configcrate is there once for each item. */
export function checkReads(
  resource: ReadyResource,
  repeated: boolean,
  registries: Registries,
  found: Findings,
): void {
  const items = { item: repeated || resource.declared.foreach !== undefined, crate: repeated };
  for (const each of readsOfResource(resource)) checkRead(each, items, registries, found);
}

/** Is there an item, and one of the configcrate? */
export interface Items {
  readonly item: boolean;
  readonly crate: boolean;
}

export function checkRead(
  each: PlacedRead,
  items: Items,
  registries: Registries,
  found: Findings,
): void {
  const [root, field] = each.read.path;
  if (root === "traits") checkTrait(each, registries, found);
  else if (root === "envoy") checkEnvoy(each, found);
  else if (root === "crate" && items.crate && field === "item") return;
  else if (root !== "vars" && !(root === "item" && items.item)) unknownRoot(each, found);
}

const envoyFields = ["id", "hostname"];

function checkEnvoy({ read, place }: PlacedRead, found: Findings): void {
  const [, field] = read.path;
  if (field === undefined || envoyFields.includes(field)) return;
  found.problem("VG106", place, read.path.join("."), {
    message: unknownWord("field", field, envoyFields, " of envoy"),
    hint: `it has ${envoyFields.join(" and ")}`,
  });
}

function unknownRoot({ read, place }: PlacedRead, found: Findings): void {
  const [root = ""] = read.path;
  const hint =
    root === "item" || root === "crate"
      ? hints[root]
      : `names begin with vars, traits, envoy or item: did you mean vars.${read.path.join(".")}?`;
  found.problem("VG106", place, clip(read.path.join(".")), {
    message: `${root} is not set`,
    hint,
  });
}

const hints = {
  item: "item is there only under foreach:",
  crate: "only crate.item is there, and only in a configcrate with foreach:",
} as const;

function checkTrait({ read, place, shell }: PlacedRead, registries: Registries, found: Findings) {
  const [, section, ...fields] = read.path;
  const text = read.path.join(".");
  const words = unknownTrait(section, fields, registries);
  if (words !== undefined) return found.problem("VG105", place, text, words);
  const trait = registries.traits.find(({ name }) => name === section);
  if (trait?.keep === "run")
    found.problem("VG505", place, text, {
      message: `traits.${section} is collected at every run, so this text would change every cycle`,
      hint: "use it in `when:`",
    });
  if (shell !== false && !isQuoted(read, shell))
    found.problem("VG802", place, text, {
      message: `${text} goes into a shell command unquoted`,
      hint: quotingHint(text, shell),
    });
}

export const quotingHint = (text: string, shell: ShellKind): string =>
  shell === "script"
    ? "no filter quotes for this language: hand it over through `environment`, and read $env:NAME"
    : `write {{ ${text} | shell_quote }}, or the command as a list`;

/** The last filter quotes, or the value only decides between texts of the operator's own. */
export const isQuoted = ({ printed, lenient }: Read, shell: ShellKind): boolean =>
  printed === undefined ? lenient : shell !== "script" && printed.at(-1) === "shell_quote";

export function unknownTrait(
  section: string | undefined,
  fields: readonly string[],
  { traits }: Registries,
) {
  const sections: Sections = sectionsOf(traits);
  if (section === undefined)
    return { message: "all traits at once", hint: "name the trait: traits.os.distro" };
  let shape = sections.get(section);
  if (shape === undefined) return { message: unknownWord("trait", section, [...sections.keys()]) };
  const walked = ["traits", section];
  for (const field of fields) {
    const inner: Shape | undefined = below(shape, field);
    if (inner === undefined && shape.kind === "object")
      return {
        message: unknownWord("field", field, [...shape.fields.keys()], ` of ${walked.join(".")}`),
      };
    if (inner === undefined && scalars.includes(shape.kind) && field !== "size")
      return { message: `${walked.join(".")} is one value and has no field "${field}"` };
    if (inner === undefined) return undefined;
    walked.push(field);
    shape = inner;
  }
  return undefined;
}

const scalars: readonly Shape["kind"][] = ["int", "double", "bool", "string"];

export function below(shape: Shape, key: string): Shape | undefined {
  if (shape.kind === "object") return shape.fields.get(key);
  if (shape.kind === "map") return shape.value;
  return shape.kind === "list" && /^\d+$/.test(key) ? shape.item : undefined;
}
