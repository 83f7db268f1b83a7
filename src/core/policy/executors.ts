/**
 * What an executor's own schema (`executors/NAME.schema.json`) says about the `params` of resources of type custom: another rule of
 * the type's schema, so that it is asked wherever that is. Must not know resources, nor executors themselves.
 */
import { z } from "zod";
import type { AnyResourceType } from "../resource.ts";
import { plainValue } from "../text/key-path.ts";
import type { Findings } from "./findings.ts";
import type { Registries } from "./model.ts";
import { textOfBytes } from "./parse.ts";

const ending = ".schema.json";

/** What was made of the same files is the same again: resources are told apart by their type. */
const made = new WeakMap<object, WeakMap<object, Registries["resources"]>>();

/** The same registries, with a custom type that knows these schemas. A file that is no schema is a problem. */
export function withExecutors(
  registries: Registries,
  files: ReadonlyMap<string, Uint8Array>,
  found: Findings,
): Registries {
  if (files.size === 0) return registries;
  const known = made.get(files)?.get(registries.resources);
  if (known !== undefined) return { ...registries, resources: known };
  const before = found.count;
  const schemas = new Map<string, z.ZodType>();
  for (const [file, bytes] of files) {
    const schema = schemaOf(file, bytes, found);
    if (schema !== undefined) schemas.set(file.slice("executors/".length, -ending.length), schema);
  }
  const resources = registries.resources.map((type) =>
    type.name === "custom" ? knowing(type, schemas) : type,
  );
  if (found.count === before) made.set(files, new WeakMap([[registries.resources, resources]]));
  return { ...registries, resources };
}

function schemaOf(file: string, bytes: Uint8Array, found: Findings): z.ZodType | undefined {
  const place = { file, line: 1, column: 1 };
  const hint =
    "JSON Schema 2020-12 as far as it says what a value is: type, properties, required, enum, items, anyOf, …";
  const text = textOfBytes(bytes);
  if (text === undefined) {
    found.problem("VG203", place, file, { message: "not UTF-8" });
    return undefined;
  }
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw new SyntaxError("a schema is an object");
    return z.fromJSONSchema(json as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    // The library says with a plain Error what it cannot take; anything else of its own would be a TypeError.
    if (!(error instanceof Error) || error instanceof TypeError) throw error;
    found.problem("VG209", place, file, {
      message: `no schema of an executor: ${error.message}`,
      hint,
    });
    return undefined;
  }
}

interface CustomParams {
  readonly executor: string;
  readonly params: Parameters<typeof plainValue>[0];
  readonly value_type: "auto" | "text";
}

function knowing(type: AnyResourceType, schemas: ReadonlyMap<string, z.ZodType>): AnyResourceType {
  const params = (type.params as z.ZodType<CustomParams>).superRefine((given, context) => {
    const schema = schemas.get(given.executor);
    if (schema === undefined) return;
    const handed = given.value_type === "text" ? given.params : plainValue(given.params);
    for (const { path, message } of schema.safeParse(handed).error?.issues ?? [])
      context.addIssue({ code: "custom", path: ["params", ...path], message: lower(message) });
  });
  return { ...type, params };
}

/** As our own messages begin. */
const lower = (message: string): string => message.slice(0, 1).toLowerCase() + message.slice(1);
