/**
 * One JSON Schema (2020-12) for `.vgo` files, for editors: which keys each kind of document has, and for each resource the
 * parameters of its type. Looser than the publish gates where those know more. Must not know files.
 */
import { jsonSchema } from "../../core/params.ts";
import type { commonAttributes } from "../../core/policy/declare-resource.ts";
import type { AnyResourceType } from "../../core/resource.ts";

type Schema = Readonly<Record<string, unknown>>;

const text = { type: "string" };
const texts = { anyOf: [text, { type: "array", items: text }] };
const map = { type: "object" };
const flag = { type: "boolean" };
const condition = { type: "string", description: "CEL over traits, vars and envoy." };

/** Attributes that every resource may have. */
const common: Readonly<Record<(typeof commonAttributes)[number], Schema>> = {
  name: {
    ...text,
    description: "Unique in its configcrate; made of type and main parameter when missing.",
  },
  type: text,
  when: condition,
  foreach: {
    description: "A variable that is a list or a map; `{{ item }}` is each of it.",
    ...text,
  },
  select: { ...map, description: "Parameters by a value: {on, when: {VALUE: {…}}, default}." },
  depends_on: { ...texts, description: "What must be done before." },
  before: { ...texts, description: "What must wait for this." },
  requires: { ...texts, description: "Like depends_on, and it must be on the same host." },
  notify: { ...texts, description: "What is refreshed when this changes." },
  subscribes: { ...texts, description: "This is refreshed when those change." },
  timeout: { ...text, description: "Time limit, like 30s." },
  retries: { type: "integer", minimum: 0, description: "How often it is tried again." },
  noop: { ...flag, description: "Only tell what would be done." },
  sensitive: { ...flag, description: "Neither content nor differences are shown." },
  render: { ...flag, description: "false: templates in it stay as they are." },
};

export const vgoSchema = (resources: readonly AnyResourceType[]): Schema => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Vigo policy (.vgo)",
  anyOf: [configcrate(), roles, envoys, environments, inherited],
  $defs: {
    resource: {
      type: "object",
      required: ["type"],
      properties: { type: { enum: resources.map(({ name }) => name) } },
      allOf: resources.map(ofType),
    },
  },
});

/** What a resource may hold once its type is known. */
function ofType(type: AnyResourceType): Schema {
  const { properties = {}, required = [] } = jsonSchema(type.params, { templates: true });
  return {
    if: { properties: { type: { const: type.name } }, required: ["type"] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: {
      description: type.summary,
      properties: { ...common, ...properties, type: { const: type.name } },
      required,
      additionalProperties: false,
    },
  };
}

const documentOf = (required: string, properties: Schema): Schema => ({
  type: "object",
  required: [required],
  properties,
  additionalProperties: false,
});

const configcrate = (): Schema => {
  const properties = {
    configcrate: { ...text, description: "Its name, unique in the tree." },
    name: { ...text, description: "Its name, unique in the tree." },
    depends_on: texts,
    when: condition,
    vars: map,
    defaults: map,
    environment_overrides: map,
    compliance: texts,
    resources: { type: "array", items: { $ref: "#/$defs/resource" } },
  };
  return { ...documentOf("resources", properties), description: "A configcrate." };
};

const roles = documentOf("roles", {
  roles: {
    type: "array",
    items: {
      type: "object",
      required: ["role"],
      properties: { role: text, includes: texts, configcrates: texts, vars: map, case: map },
    },
  },
});

const envoys = documentOf("envoys", {
  envoys: {
    type: "array",
    items: {
      type: "object",
      properties: {
        match: texts,
        where: condition,
        environment: text,
        roles: texts,
        configcrates: texts,
        usercrates: texts,
        vars: map,
        checkin: map,
        trust_traits: flag,
      },
    },
  },
});

const environments = documentOf("env", { env: map });

/** `common.vgo` */
const inherited: Schema = {
  type: "object",
  properties: { configcrates: texts, roles: texts, vars: map, lookups: map, checkin: map },
  additionalProperties: false,
};
