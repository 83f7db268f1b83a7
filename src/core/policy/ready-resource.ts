/**
 * One declared resource made ready: its templates parsed, its `source:` found, its `foreach:` read, and everything that does
 * not depend on a host held to the type's schema. Must not know any host, nor vars' values.
 */
import { unknownWord } from "../did-you-mean.ts";
import type { JsonObject } from "../json.ts";
import type { Resource } from "./declared.ts";
import { commonAttributes } from "./declare-resource.ts";
import type { Findings } from "./findings.ts";
import type { Place, Registries } from "./model.ts";
import {
  clip,
  excerpt,
  type MapNode,
  nodeAt,
  placeWithin,
  type ScalarNode,
  scalarsOf,
  writtenOf,
} from "./node.ts";
import { parameterNames, type Refusal, refusals } from "./parameters.ts";
import { textOfBytes } from "./parse.ts";
import type { ReadyResource, ReadySelect, SourceFile } from "./policy.ts";
import { readyCondition } from "./ready-conditions.ts";
import { readyForeach } from "./ready-foreach.ts";
import { secretsIn, textWithSecrets, wholeSecret } from "./secrets.ts";
import { refuseReserved } from "./vars.ts";
import {
  isTemplate,
  literal,
  parseTemplate,
  type Template,
  type TemplateError,
} from "./template/template.ts";

export interface Shelf {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly registries: Registries;
  readonly found: Findings;
}

/** `repeated`: its configcrate is there once for each item. */
export function readyResource(
  declared: Resource,
  { notified, repeated }: { readonly notified: boolean; readonly repeated: boolean },
  shelf: Shelf,
): ReadyResource {
  const { found } = shelf;
  const around = {
    when: readyCondition(declared.when, shelf.registries.traits, found),
    foreach: readyForeach(declared.foreach, repeated, found),
    notified,
  };
  const select = selectOf(declared, around, shelf);
  if (select === undefined) return withParameters(declared, around, shelf);
  const nothing = { templates: new Map(), source: undefined, constant: undefined };
  return { declared, ...around, ...nothing, select };
}

type Around = Pick<ReadyResource, "when" | "foreach" | "notified">;

function withParameters(declared: Resource, around: Around, shelf: Shelf): ReadyResource {
  const { found } = shelf;
  refuseReserved(declared.params, found);
  const templates = templatesOf(declared, found);
  const source = sourceOf(declared, templates, shelf);
  checkStatic(declared, templates, found);
  const depends = templates.size > 0 || source?.kind === "template";
  return {
    declared,
    ...around,
    select: undefined,
    templates,
    source,
    constant: depends ? undefined : paramsWith(writtenOf(declared.params) as JsonObject, source),
  };
}

/** One resource for each case, with the parameters it has then. */
function selectOf(
  { select, ...declared }: Resource,
  around: Around,
  shelf: Shelf,
): ReadySelect | undefined {
  if (select === undefined) return undefined;
  const { on, cases, otherwise } = select;
  const template = parseTemplate(on.source);
  if (wholeSecret(on.source) !== undefined || secretsIn(on.source).length > 0)
    shelf.found.problem("VG513", on.place, excerpt(on), {
      message: "a secret cannot choose: its value is not known when the policy is resolved",
    });
  if (template.kind === "error") {
    refuse(template, placeWithin(on, template.line, template.column), shelf.found);
    return undefined;
  }
  const choice = (params: MapNode) =>
    withParameters({ ...declared, params, select: undefined }, around, shelf);
  return {
    on: template,
    place: on,
    cases: new Map([...cases].map(([value, params]) => [value, choice(params)])),
    otherwise: otherwise && choice(otherwise),
  };
}

function templatesOf({ params, render }: Resource, found: Findings) {
  const templates = new Map<ScalarNode, Template>();
  for (const { node } of scalarsOf(params)) {
    const template = templateOf(node, render);
    if (template === undefined) continue;
    if (template.kind === "template") templates.set(node, template);
    else refuse(template, placeWithin(node, template.line, template.column), found);
  }
  return templates;
}

/** References to secrets are not rendering: `render: false` leaves them. */
function templateOf({ value, source }: ScalarNode, render: boolean) {
  if (value === null) return undefined;
  const whole = wholeSecret(source);
  if (whole !== undefined) return literal(source, whole);
  if (render && isTemplate(source)) return parseTemplate(source);
  const text = textWithSecrets(source);
  return text && literal(source, text);
}

const refuse = ({ message, hint, reason }: TemplateError, place: Place, found: Findings) =>
  found.problem(reason === "secret" ? "VG513" : "VG503", place, clip(message), { message, hint });

/** Only types that take both a `source` and a `content`: the one becomes the other. */
function sourceOf(
  { type, params }: Resource,
  templates: ReadonlyMap<ScalarNode, Template>,
  { files, found }: Shelf,
): SourceFile | undefined {
  const entry = params.entries.get("source");
  if (entry === undefined || !hasSource(parameterNames(type))) return undefined;
  const { value } = entry;
  if (value.kind !== "scalar" || value.value === null || templates.has(value)) return undefined;
  const bytes = files.get(value.source);
  if (bytes !== undefined) return sourceFile(value.source, bytes, found);
  found.problem("VG403", value.place, excerpt(value), {
    message: unknownWord("template file", value.source, [...files.keys()]),
    hint: value.source.startsWith("templates/")
      ? undefined
      : "source: names a file from the root of the tree, as in templates/site.conf",
  });
  return undefined;
}

const hasSource = (names: readonly string[]) =>
  names.includes("source") && names.includes("content");

const readFiles = new WeakMap<Uint8Array, SourceFile>();

/** The same bytes give the same object: several resources may use one file. */
export function sourceFile(
  file: string,
  bytes: Uint8Array,
  found: Findings,
): SourceFile | undefined {
  const known = readFiles.get(bytes);
  if (known?.file === file) return known;
  const source = file.endsWith(".liquid") ? liquid(file, bytes, found) : undefined;
  if (source === undefined && file.endsWith(".liquid")) return undefined;
  const made = source ?? { kind: "bytes", file, bytes };
  readFiles.set(bytes, made);
  return made;
}

function liquid(file: string, bytes: Uint8Array, found: Findings): SourceFile | undefined {
  const start = { file, line: 1, column: 1 };
  const text = textOfBytes(bytes);
  if (text === undefined) {
    found.problem("VG203", start, file, { message: "not UTF-8 text", hint: "leave out .liquid" });
    return undefined;
  }
  const template = parseTemplate(text);
  if (template.kind === "template") return { kind: "template", file, template };
  refuse(template, { file, line: template.line, column: template.column }, found);
  return undefined;
}

/** Everything that is no template is held to the schema now. */
function checkStatic(
  declared: Resource,
  templates: ReadonlyMap<ScalarNode, Template>,
  found: Findings,
): void {
  const { type, params } = declared;
  const written = writtenOf(params);
  const { success, data } = type.params.safeParse(written);
  if (success && templates.size === 0) wholes.set(declared, data);
  if (success) return;
  for (const refusal of refusals(type, written, openIn(params, templates), commonAttributes))
    sayRefusal(refusal, declared, found);
}

/** Paths of parameters that hold a template. */
export const openIn = (params: MapNode, templates: ReadonlyMap<ScalarNode, Template>) =>
  templates.size === 0
    ? []
    : scalarsOf(params)
        .filter(({ node }) => templates.has(node))
        .map(({ path }) => path);

/** Parameters that hold no template, as their schema has read them. */
const wholes = new WeakMap<Resource, object>();

/** Undefined where there are templates, or where the schema refuses something. */
export const readWhole = ({ declared }: ReadyResource): object | undefined => wholes.get(declared);

/** What the schema makes of parameters that are as they were written; undefined where it has to be asked. */
export function readAsWritten(resource: ReadyResource, params: JsonObject) {
  const { constant, source } = resource;
  const data = params === constant && source === undefined ? readWhole(resource) : undefined;
  return data && { success: true as const, data };
}

export function sayRefusal(refusal: Refusal, declared: Resource, found: Findings): void {
  const { place, text } = placeOfRefusal(refusal, declared);
  found.problem(refusal.code, place, text, { message: refusal.message });
}

/** At the value that is refused; at its key when that is unknown; at the resource when something is missing. */
export function placeOfRefusal({ path, key }: Refusal, { params }: Resource) {
  const parent = nodeAt(params, path.slice(0, -1));
  const last = String(path.at(-1) ?? "");
  const entry = parent.kind === "map" ? parent.entries.get(last) : undefined;
  if (key && entry !== undefined) return { place: entry.place, text: last };
  const node = nodeAt(params, path);
  const missing = path.length > 0 && node === parent && parent.kind === "map";
  return { place: node.place, text: missing ? last : excerpt(node) };
}

/** `source` gives way to the content it stands for. */
export function paramsWith(params: JsonObject, source: SourceFile | undefined): JsonObject {
  if (source?.kind !== "bytes") return params;
  const { source: _, ...rest } = params;
  const text = textOfBytes(source.bytes);
  if (text !== undefined && !text.includes("\0") && sameBytes(text, source.bytes))
    return { ...rest, content: text };
  return { ...rest, content_base64: Buffer.from(source.bytes).toString("base64") };
}

/** A byte order mark is lost in decoding, and a file must arrive as it is. */
const sameBytes = (text: string, bytes: Uint8Array) =>
  Buffer.byteLength(text, "utf8") === bytes.length;
