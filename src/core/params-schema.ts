/**
 * Parameters as JSON Schema (2020-12), for editors and the manual. Must not know any resource; what a parameter is made of is in
 * `params.ts`.
 */
import { z } from "zod";
import { exclusiveNames, isLeaf } from "./params.ts";

/** Each two of a group that exclude one another. */
const exclusions = (schema: z.core.$ZodType) =>
  (schema._zod.def.checks ?? []).flatMap((check) => {
    const { fn } = check._zod.def as { readonly fn?: object };
    const names = exclusiveNames(fn);
    return names.flatMap((one, index) =>
      names.slice(index + 1).map((other) => ({ not: { required: [one, other] } })),
    );
  });

const template = {
  type: "string",
  pattern: "\\{\\{|\\{%|^secret:|secret\\{",
  description: "A template, or a secret.",
} as const;

/** Keeps the type of what it comes to, so that a list or a map may be written so. */
const expression = {
  type: "string",
  pattern: "^\\s*\\{\\{[\\s\\S]*\\}\\}\\s*$",
  description: "One expression.",
} as const;

const holders: ReadonlySet<string> = new Set(["array", "record", "object"]);

/**
 * JSON Schema (2020-12) of what may be written; with `templates`, each leaf may also be a template text, and each list or map
 * one expression.
 */
export const jsonSchema = (schema: z.ZodType, options: { readonly templates?: boolean } = {}) =>
  z.toJSONSchema(schema, {
    io: "input",
    override: ({ zodSchema, jsonSchema: node }) => {
      // zod leaves it out where anything below is transformed, because it cannot know which side it is of; ours are plain.
      if (zodSchema._zod.def.type === "default") node.default = defaultOf(zodSchema);
      const excluded = exclusions(zodSchema);
      if (excluded.length > 0) node.allOf = excluded;
      const mayBeTemplate = isLeaf(zodSchema);
      const isHolder = (zodSchema as unknown) !== schema && holders.has(zodSchema._zod.def.type);
      if (options.templates !== true || !(mayBeTemplate || isHolder)) return;
      const { description, anyOf, ...rest } = node;
      for (const key of Object.keys(node)) delete node[key];
      Object.assign(node, {
        description,
        anyOf: [...(anyOf ?? [rest]), mayBeTemplate ? template : expression],
      });
    },
  });

const defaultOf = (schema: z.core.$ZodType) =>
  (schema as z.core.$ZodDefault)._zod.def.defaultValue as z.core.util.JSONType;
