/**
 * What a trait holds, read from its schema: for checking the types in a condition, and for turning JSON into CEL values.
 * Walks the schema itself, not its JSON Schema, so that an agent need not make one. Must not know CEL's library.
 *
 * CEL tells whole numbers from others and JSON does not, so the schema decides; where there is none, a whole number is an int.
 */
import type { z } from "zod";
import type { Json } from "../../json.ts";
import type { AnyTraitType } from "../../trait.ts";

export type Shape =
  | { readonly kind: "int" | "double" | "bool" | "string" | "any" }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly value: Shape }
  | {
      readonly kind: "object";
      readonly fields: ReadonlyMap<string, Shape>;
      /** Fields the server may decide on. */
      readonly stable: ReadonlySet<string>;
    };

/** A CEL value: int is a BigInt, double a number. */
export type CelValue =
  null | boolean | number | bigint | string | CelValue[] | { [key: string]: CelValue };

const any: Shape = { kind: "any" };
const scalars: Readonly<Record<string, Shape>> = {
  string: { kind: "string" },
  enum: { kind: "string" },
  template_literal: { kind: "string" },
  boolean: { kind: "bool" },
};
const intFormats = ["safeint", "int32", "uint32"];

/** The part of zod's definitions that is read here. All schema kinds not named are `any`. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

export function shapeOf(schema: z.core.$ZodType): Shape {
  const definition = schema._zod.def as Definition;
  const { type, format, innerType, element, valueType, shape } = definition;
  if (type === "number") return { kind: intFormats.includes(format ?? "") ? "int" : "double" };
  if (type === "array" && element) return { kind: "list", item: shapeOf(element) };
  if (type === "record" && valueType) return { kind: "map", value: shapeOf(valueType) };
  if (type === "object" && shape) return objectOf(shape);
  if (["optional", "default", "readonly"].includes(type) && innerType) return shapeOf(innerType);
  return scalars[type] ?? any;
}

function objectOf(shape: Readonly<Record<string, z.ZodType>>): Shape {
  const entries = Object.entries(shape);
  const stable = entries.filter(([, field]) => field.meta()?.stable === true);
  return {
    kind: "object",
    fields: new Map(entries.map(([name, field]) => [name, shapeOf(field)])),
    stable: new Set(stable.map(([name]) => name)),
  };
}

/** Every section's shape, by its name. */
export interface Sections {
  get(name: string): Shape | undefined;
  keys(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<readonly [string, Shape]>;
}

/** An agent decides by two or three sections, and the schemas of all of them cost it more than the rest of a run. */
class SectionsOnDemand implements Sections {
  readonly #traits: ReadonlyMap<string, AnyTraitType>;
  readonly #made = new Map<string, Shape>();

  constructor(traits: readonly AnyTraitType[]) {
    this.#traits = new Map(traits.map((trait) => [trait.name, trait]));
  }

  get(name: string): Shape | undefined {
    const trait = this.#traits.get(name);
    if (trait === undefined) return undefined;
    const shape = this.#made.get(name) ?? shapeOf(trait.value);
    this.#made.set(name, shape);
    return shape;
  }

  keys(): IterableIterator<string> {
    return this.#traits.keys();
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, Shape]> {
    for (const name of this.keys()) {
      const shape = this.get(name);
      if (shape !== undefined) yield [name, shape];
    }
  }
}

const known = new WeakMap<readonly AnyTraitType[], Sections>();

export function sectionsOf(traits: readonly AnyTraitType[]): Sections {
  const sections = known.get(traits) ?? new SectionsOnDemand(traits);
  known.set(traits, sections);
  return sections;
}

export function celValue(json: Json | undefined, shape: Shape = any): CelValue {
  if (json === undefined || json === null) return null;
  if (typeof json === "number") return numberOf(json, shape);
  if (typeof json !== "object") return json;
  if (Array.isArray(json)) {
    const item = shape.kind === "list" ? shape.item : any;
    return json.map((value: Json) => celValue(value, item));
  }
  const values: Record<string, CelValue> = Object.create(null);
  for (const [key, value] of Object.entries(json))
    values[key] = celValue(value, within(shape, key));
  return values;
}

const numberOf = (number: number, shape: Shape): CelValue =>
  shape.kind !== "double" && Number.isSafeInteger(number) ? BigInt(number) : number;

const within = (shape: Shape, key: string): Shape => {
  if (shape.kind === "map") return shape.value;
  return (shape.kind === "object" ? shape.fields.get(key) : undefined) ?? any;
};
