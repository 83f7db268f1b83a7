/**
 * Holds written parameters to a type's schema and says what does not fit, each issue at the value it is about. Must not know
 * any type. What a template will render is left out here: it is checked when it is rendered.
 */
import { z } from "zod";
import { unknownWord } from "../did-you-mean.ts";
import { isScript, isShellText } from "../params.ts";
import type { AnyResourceType } from "../resource.ts";
import type { Code } from "./codes.ts";
import type { Json, JsonObject } from "../json.ts";

/** One thing a schema refuses, and the path of the value it is about; for an unknown key, the path of that key. */
export interface Refusal {
  readonly code: Code;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The path is a key, and that key is what is wrong. */
  readonly key: boolean;
}

const names = new WeakMap<AnyResourceType, readonly string[]>();

/** Every parameter a type has, as written in its schema. */
export function parameterNames(type: AnyResourceType): readonly string[] {
  const known = names.get(type);
  if (known !== undefined) return known;
  const { properties = {} } = z.toJSONSchema(type.params, { io: "input", unrepresentable: "any" });
  const all = Object.keys(properties);
  names.set(type, all);
  return all;
}

/**
 * `open`: paths of values that hold a template. They stand in `values` as texts, and what the schema says about them, about
 * what holds them, or about the whole is left for the rendered values.
 */
export function refusals(
  type: AnyResourceType,
  values: Json,
  open: readonly (readonly PropertyKey[])[],
  common: readonly string[],
): readonly Refusal[] {
  const result = type.params.safeParse(values);
  if (result.success) return [];
  return (result.error as z.ZodError).issues
    .filter((issue) => issue.code === "unrecognized_keys" || !isOpen(issue.path, open))
    .flatMap((issue) => refusalsOf(issue, type, common));
}

function refusalsOf(
  issue: z.core.$ZodIssue,
  type: AnyResourceType,
  common: readonly string[],
): readonly Refusal[] {
  const { path } = issue;
  if (issue.code !== "unrecognized_keys") {
    const field = path.length === 0 ? type.name : path.join(".");
    return [{ code: "VG501", path, message: `${field}: ${issue.message}`, key: false }];
  }
  const known = path.length === 0 ? [...parameterNames(type), ...common] : [];
  const of = path.length === 0 ? type.name : path.join(".");
  return issue.keys.map((key) => ({
    code: "VG103",
    path: [...path, key],
    message: unknownWord("parameter", key, known, ` of ${of}`),
    key: true,
  }));
}

const read = new WeakMap<JsonObject, object>();

/** Keeps parameters as their schema has read them for the one who asks next. */
export const keepRead = (params: JsonObject, data: object): void => void read.set(params, data);

/** What was kept, once: after that nobody holds it. */
export function takeRead(params: JsonObject): object | undefined {
  const data = read.get(params);
  read.delete(params);
  return data;
}

/** Does an issue speak about a template, or about something that holds one? */
const isOpen = (path: readonly PropertyKey[], open: readonly (readonly PropertyKey[])[]): boolean =>
  open.some((leaf) => leaf.every((key, index) => index >= path.length || key === path[index]));

const shells = new WeakMap<AnyResourceType, Map<string, boolean>>();

/** Is the text at this path (a parameter, or an item of one) run by a shell? */
export function isShellParameter(type: AnyResourceType, path: readonly PropertyKey[]): boolean {
  const name = String(path[0]);
  const schema = shapeOf(type)[name];
  if (schema === undefined) return false;
  const known = shells.get(type) ?? new Map<string, boolean>();
  shells.set(type, known);
  const key = `${name} ${path.length > 1}`;
  const answer = known.get(key) ?? isShell(schema, path.length > 1);
  known.set(key, answer);
  return answer;
}

/** Is it one in a language that no filter quotes for? */
export function isScriptParameter(type: AnyResourceType, [name]: readonly PropertyKey[]): boolean {
  const schema = shapeOf(type)[String(name)];
  return schema !== undefined && isScript(schema);
}

function isShell(schema: z.core.$ZodType, item: boolean): boolean {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault
  )
    return isShell(schema.unwrap(), item);
  if (schema instanceof z.ZodArray) return item && isShellText(schema.element);
  if (schema instanceof z.ZodUnion && !isShellText(schema)) return false;
  if (schema instanceof z.ZodUnion && schema.options.some((o) => o instanceof z.ZodArray))
    return schema.options.some((option) => isShell(option, item));
  return !item && isShellText(schema);
}

const shapeOf = ({ params }: AnyResourceType): Readonly<Record<string, z.ZodType>> =>
  params instanceof z.ZodObject ? params.shape : {};

/**
 * What a type's pure questions (`isAction`) can be asked about parameters of which some hold templates: each value that is
 * fixed as its schema reads it, defaults filled in, the others left out.
 */
export function fixedParameters(
  type: AnyResourceType,
  values: JsonObject,
  open: readonly (readonly PropertyKey[])[],
): Readonly<Record<string, unknown>> {
  const fixed: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shapeOf(type))) {
    if (open.some(([head]) => head === name)) continue;
    const result = schema.safeParse(values[name]);
    if (result.success && result.data !== undefined) fixed[name] = result.data;
  }
  return fixed;
}
