/** A resource of a configcrate: what every one may have, and the parameters of its type. Must not know documents. */
import { jsonSchema } from "../../../core/params-schema.ts";
import type { commonAttributes } from "../../../core/policy/declare-resource.ts";
import type { AnyResourceType } from "../../../core/resource.ts";
import { condition, flag, names, type Schema, text, time, when } from "./words.ts";

export const foreach: Schema = {
  description: "A var that is a list or a map, or the list itself; `{{ item }}` is each of it.",
  anyOf: [{ type: "string", pattern: "^[A-Za-z0-9_.-]+$" }, { type: ["array", "object"] }],
};

/** Attributes that every resource may have. Exported for the manual. */
export const commonSchemas: Readonly<Record<(typeof commonAttributes)[number], Schema>> = {
  name: {
    ...text,
    description: "Unique in its configcrate; made of type and main parameter when missing.",
    pattern: "^(?!\\s)[^\\[\\]{}\\x00-\\x1f\\x7f]{1,200}$",
  },
  type: { ...text, description: "What kind of thing it is: one of the resource types." },
  when: condition,
  foreach,
  select: {
    description: "Parameters that a value chooses.",
    type: "object",
    required: ["on", "when"],
    properties: {
      on: { ...text, description: 'What chooses: "{{ traits.os.family }}".' },
      when: {
        type: "object",
        minProperties: 1,
        additionalProperties: { type: "object" },
        description: "Parameters by what `on` comes to.",
      },
      default: { type: "object", description: "Parameters for any other value." },
    },
    additionalProperties: false,
  },
  depends_on: names("What must be done before."),
  before: names("What must wait for this."),
  requires: names("Like depends_on, and it must be on the same host."),
  notify: names("What is refreshed when this changes."),
  subscribes: names("This is refreshed when those change."),
  timeout: { ...time, description: "Time limit, like 30s." },
  retries: {
    anyOf: [
      { type: "integer", minimum: 0, maximum: 100 },
      { type: "string", pattern: "^\\d{1,2}$|^100$" },
    ],
    description: "How often it is tried again.",
  },
  revert: { ...flag, description: "Undo what it did, once." },
  noop: { ...flag, description: "Only tell what would be done." },
  sensitive: { ...flag, description: "Neither content nor differences are shown." },
  render: { ...flag, description: "false: templates in it stay as they are." },
};

/** Only what can be undone may be told so. */
const commonOf = ({ reversal }: AnyResourceType): Schema => {
  const { revert, ...always } = commonSchemas;
  return reversal === undefined ? always : { ...always, revert };
};

const isType = (name: string): Schema => ({
  properties: { type: { const: name } },
  required: ["type"],
});

/** Which attributes there may be; what must be there is a schema of its own, because `defaults:` can give it. */
export const resourceSchema = (types: readonly AnyResourceType[]): Schema => ({
  type: "object",
  required: ["type"],
  properties: { type: { enum: types.map((type) => type.name) } },
  allOf: types.map((type) => {
    const { properties = {}, allOf } = parametersOf(type);
    return when(isType(type.name), {
      description: type.summary,
      ...(allOf === undefined ? {} : { allOf }),
      properties: { ...commonOf(type), ...properties, type: { const: type.name } },
      additionalProperties: false,
    });
  }),
});

/** What a resource must have, where neither `defaults:` nor `select:` gives it. */
export const requiredSchema = (types: readonly AnyResourceType[]): Schema => ({
  allOf: types.flatMap((type) => {
    const { required = [] } = parametersOf(type);
    const alone = { allOf: [isType(type.name), { not: { required: ["select"] } }] };
    return required.length === 0 ? [] : [when(alone, { required })];
  }),
});

interface Parameters {
  readonly properties?: Schema;
  readonly required?: readonly string[];
  /** Parameters that exclude one another. */
  readonly allOf?: readonly Schema[];
  readonly $defs?: Schema;
}

/** Definitions of its own (of values inside values) bear the name of the type, because all types share one document. */
function parametersOf({ name, params }: AnyResourceType): Parameters {
  const { $defs = {}, ...schema } = jsonSchema(params, { templates: true });
  const own = Object.entries($defs).map(([key, one]) => [`${name}.${key}`, one]);
  const text = JSON.stringify({ ...schema, $defs: Object.fromEntries(own) });
  return JSON.parse(text.replaceAll('"$ref":"#/$defs/', `"$ref":"#/$defs/${name}.`));
}

/** What the parameters of the types refer to. */
export const definitionsOf = (types: readonly AnyResourceType[]): Schema =>
  Object.assign({}, ...types.map((type) => parametersOf(type).$defs));

/** `defaults:` of a configcrate: parameters of any type, and what may be the same for many resources. */
export const defaultsSchema = (types: readonly AnyResourceType[]): Schema => {
  const parameters = types.flatMap((type) => Object.keys(parametersOf(type).properties ?? {}));
  const { timeout, retries, revert, noop, sensitive, render } = commonSchemas;
  return {
    type: ["object", "null"],
    description: "Attributes given to every resource here that has them.",
    properties: {
      ...Object.fromEntries(parameters.map((name) => [name, {}])),
      ...{ timeout, retries, revert, noop, sensitive, render },
    },
    additionalProperties: false,
  };
};
