/**
 * Takes secrets out of what a machine says about itself, before it leaves: each text of a section, names included. What the server
 * decides conditions on, and the names that the shape of a trait has, stay. Must not know any trait, nor how sections travel.
 */
import { z } from "zod";
import type { Section } from "./collect.ts";
import { canonicalJson, type Json, type JsonObject } from "./json.ts";
import type { Redactor } from "./redact.ts";
import { type AnyTraitType, stableFields } from "./trait.ts";
import { sectionHash } from "./wire/traits-root.ts";

/** The very same section where there is nothing to hide. */
export function withoutSecrets(
  section: Section,
  trait: AnyTraitType | undefined,
  redactor: Redactor,
): Section {
  // One look at all of it: most sections hold nothing, and to look at thousands of small texts takes far longer.
  const all = textsIn(section.value).join("\n");
  if (redactor.text(all) === all) return section;
  const value = hidden(section.value, { redactor, ...shapeOf(trait) });
  const told = isObject(value) ? { ...value, ...stableOf(section.value, trait) } : value;
  return { ...section, value: told, hash: sectionHash(canonicalJson(told)) };
}

/**
 * May a machine that does not know its secrets yet tell it? When every text of it is one that it has told before, or was free to:
 * numbers that are measured, and what is never hidden, may have changed.
 */
export function saysNothingNew(
  section: Section,
  before: Section | undefined,
  trait: AnyTraitType | undefined,
): boolean {
  if (before === undefined) return false;
  const told = new Set(riskyTexts(before, trait));
  return riskyTexts(section, trait).every((text) => told.has(text));
}

/** What could hold a secret. */
function riskyTexts({ value }: Section, trait: AnyTraitType | undefined): readonly string[] {
  const stable = stableOf(value, trait);
  const risky = isObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([name]) => !Object.hasOwn(stable, name)))
    : value;
  return textsIn(risky, shapeOf(trait));
}

interface Shape {
  /** Of the trait's own fields. */
  readonly names: ReadonlySet<string>;
  /** Its numbers are measured. Where a trait has no shape a number may be a secret too (a PIN), and is a text then. */
  readonly isMeasured: boolean;
}

interface Hiding extends Shape {
  readonly redactor: Redactor;
}

const allOfIt: Shape = { names: new Set(), isMeasured: false };

function textsIn(value: Json, shape = allOfIt): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return shape.isMeasured ? [] : [String(value)];
  if (isList(value)) return value.flatMap((item) => textsIn(item, shape));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    ...(shape.names.has(name) ? [] : [name]),
    ...textsIn(item, shape),
  ]);
}

function hidden(value: Json, hiding: Hiding): Json {
  const { redactor, names } = hiding;
  if (typeof value === "string") return redactor.text(value);
  if (typeof value === "number") return hiding.isMeasured ? value : numberOrNot(value, redactor);
  if (isList(value)) return value.map((item) => hidden(item, hiding));
  if (!isObject(value)) return value;
  // Of two names that become one the last stays.
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      names.has(name) ? name : redactor.text(name),
      hidden(item, hiding),
    ]),
  );
}

function numberOrNot(value: number, redactor: Redactor): number | string {
  const text = redactor.text(String(value));
  return text === String(value) ? value : text;
}

function stableOf(value: Json, trait: AnyTraitType | undefined): JsonObject {
  if (trait === undefined || !isObject(value)) return {};
  const stable = new Set(stableFields(trait));
  const isStable = ([name]: readonly [string, Json]) => stable.has(`${trait.name}.${name}`);
  return Object.fromEntries(Object.entries(value).filter(isStable));
}

/** A trait without fields of its own is what others say. */
function shapeOf(trait: AnyTraitType | undefined): Shape {
  const names = new Set(trait ? namesIn(z.toJSONSchema(trait.value) as Json) : []);
  return { names, isMeasured: names.size > 0 };
}

function namesIn(schema: Json): readonly string[] {
  if (isList(schema)) return schema.flatMap(namesIn);
  if (!isObject(schema)) return [];
  const { properties = null } = schema;
  return [
    ...(isObject(properties) ? Object.keys(properties) : []),
    ...Object.values(schema).flatMap(namesIn),
  ];
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !isList(value);
