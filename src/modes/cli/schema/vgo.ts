/**
 * One JSON Schema (2020-12) for `.vgo` files, for editors: a document is told by its keys, because an editor does not say its
 * path. Looser than the publish gates where those know more. Must not know files.
 */
import type { waiverShape } from "../../../core/policy/declare-compliance.ts";
import type { configcrateShape, usercrateShape } from "../../../core/policy/declare-configcrate.ts";
import type { hostcrateShape } from "../../../core/policy/declare-hostcrates.ts";
import type { commonShape, environmentShape } from "../../../core/policy/declare-inherited.ts";
import type { roleShape } from "../../../core/policy/declare-roles.ts";
import type { paramShape, taskShape } from "../../../core/policy/declare-task.ts";
import type { expectationShape, givenShape } from "../../../core/policy/declare-test.ts";
import type { AnyResourceType } from "../../../core/resource.ts";
import { paramTypes } from "../../../core/tasks/values.ts";
import { workflow } from "./workflow.ts";
import {
  defaultsSchema,
  definitionsOf,
  foreach,
  requiredSchema,
  resourceSchema,
} from "./resources.ts";
import {
  condition,
  flag,
  listOf,
  map,
  name,
  names,
  only,
  type Schema,
  text,
  time,
  vars,
  when,
} from "./words.ts";

/** A schema for each key that an object of the language may have: one forgotten does not compile. */
export type KeysOf<S extends { readonly keys: readonly string[] }> = Readonly<
  Record<S["keys"][number], Schema>
>;

export const vgoSchema = (types: readonly AnyResourceType[]): Schema => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Vigo policy (.vgo)",
  type: ["object", "null"],
  ...told([
    ["configcrate", has("configcrate")],
    ["usercrate", has("usercrate")],
    ["configcrate", has("name")],
    ["test", has("test")],
    ["task", has("task")],
    ["workflow", has("workflow")],
    ["envoys", has("envoys")],
    ["environments", has("env")],
    ["compliance", { anyOf: [has("waivers"), has("compliance")] }],
    [
      "roles",
      {
        type: "object",
        required: ["roles"],
        properties: { roles: { type: "array", contains: { type: "object" } } },
      },
    ],
  ]),
  $defs: {
    configcrate: crate(configcrate),
    usercrate: crate(usercrate),
    role: only(role, ["role"]),
    roles: only({ roles: listOf(definition("role")) }, ["roles"]),
    hostcrate,
    envoys: only({ envoys: listOf(definition("hostcrate")) }, ["envoys"]),
    environment: only(environment),
    environments: only({ env: { ...map, additionalProperties: definition("environment") } }, [
      "env",
    ]),
    common: only(common),
    compliance: only({
      compliance: names("Controls that all configcrates of this folder claim."),
      waivers: {
        ...listOf(definition("waiver")),
        description: "What hosts are let off; not below `configcrates/`.",
      },
    }),
    waiver: only(waiver, ["controls", "reason", "until"]),
    test: only(test, ["test", "given", "expect"]),
    expectation: {
      ...only(expectation),
      oneOf: ["resource", "absent", "before", "after", "error"].map((key) => ({ required: [key] })),
      dependentRequired: { attributes: ["resource"], content_matches: ["resource"] },
    },
    task: only(task, ["task", "command"]),
    parameter: only(param, ["type"]),
    workflow: only(workflow, ["workflow", "steps"]),
    ...definitionsOf(types),
    resource: resourceSchema(types),
    required: requiredSchema(types),
    defaults: defaultsSchema(types),
  },
});

const has = (key: string): Schema => ({ type: "object", required: [key] });

const definition = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

/** The first that fits says what the document is; what nothing fits is a `common.vgo`. */
const told = (kinds: readonly (readonly [definition: string, told: Schema])[]): Schema =>
  kinds.reduceRight<Schema>(
    (rest, [kind, told]) => ({ ...when(told, definition(kind)), else: rest }),
    when({ type: "object" }, definition("common")),
  );

/** What `defaults:` might give is not demanded of each resource. */
const crate = (properties: Schema): Schema => ({
  ...only(properties),
  ...when(
    { not: { required: ["defaults"] } },
    { properties: { resources: listOf(definition("required")) } },
  ),
});

const noop = { ...flag, description: "Only tell what would be done." };

const inCrates = {
  name: { ...name, description: "Another word for its name." },
  depends_on: names("Configcrates or resources that come before all of this."),
  when: condition,
  vars,
  defaults: definition("defaults"),
  environment_overrides: {
    ...map,
    description: "Other `vars` in an environment: `{staging: {vars: {…}}}`.",
    additionalProperties: only({ vars }),
  },
  noop,
  compliance: names("Controls it helps to fulfil, as cis-debian12:2.2.9."),
  resources: { ...listOf(definition("resource")), description: "What shall be so." },
};

const configcrate: KeysOf<typeof configcrateShape> = {
  configcrate: { ...name, description: "Its name, unique in the tree." },
  foreach,
  ...inCrates,
};

const usercrate: KeysOf<typeof usercrateShape> = {
  usercrate: { ...name, description: "The account it is for." },
  ...inCrates,
};

const inclusions = {
  configcrates: names("Configcrates that come in."),
  usercrates: names("Usercrates that come in."),
};

const role: KeysOf<typeof roleShape> = {
  role: { ...name, description: "Its name, unique in the tree." },
  includes: names("Other roles; they include none themselves."),
  ...inclusions,
  case: {
    ...map,
    description: "More configcrates by os.family: `{debian: [apt-extras], rhel: [dnf-extras]}`.",
    additionalProperties: names("Configcrates for one os.family."),
  },
  vars,
};

const checkin = {
  ...only({
    interval: { ...time, description: "How often." },
    offline_threshold: {
      ...text,
      pattern: "^\\d+(?:\\.\\d+)?x$|^\\d+(?:s|m|h)$",
      description: "Silence after which it is offline: 2.5x of what was seen, or a time.",
    },
  }),
  description:
    "How often agents check in, and what silence means: `{interval: 1m, offline_threshold: 3x}`.",
};

const hostcrateKeys: KeysOf<typeof hostcrateShape> = {
  match: names('Hostname globs, or a regular expression between slashes; "*" for all.'),
  where: { ...text, description: "CEL over traits and envoy." },
  trust_traits: { ...flag, description: "Reported traits may choose a block that has secrets." },
  environment: { ...name, description: "The environment of these hosts." },
  roles: names("Roles of these hosts."),
  ...inclusions,
  vars,
  noop,
  checkin,
};

const hostcrate: Schema = {
  ...only(hostcrateKeys),
  anyOf: [{ required: ["match"] }, { required: ["where"] }],
};

const environment: KeysOf<typeof environmentShape> = {
  configcrates: inclusions.configcrates,
  exclude_configcrates: names("Configcrates that are taken out."),
  vars,
  noop,
  checkin,
};

const common: KeysOf<typeof commonShape> = {
  roles: names("Roles of all hosts below."),
  ...inclusions,
  vars,
  lookups: {
    ...map,
    description: "Tables for vars that differ from host to host, by name.",
    additionalProperties: { type: ["object", "null"] },
  },
};

const waiver: KeysOf<typeof waiverShape> = {
  controls: names("Controls that need not be fulfilled."),
  match: names("Only these hosts; all of the folder when not said."),
  reason: { ...text, description: "Why." },
  until: { ...text, pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "The last day." },
};

const given: KeysOf<typeof givenShape> = {
  hostname: { ...text, description: "Its name; it need not exist." },
  id: { ...text, description: "Its identity, where `in_percent` matters." },
  environment: { ...name, description: "In place of that of its hostcrate." },
  traits: { ...map, description: "What it has reported; nothing else is known of it." },
};

const order = { type: "array", items: text, minItems: 2 };

const expectation: KeysOf<typeof expectationShape> = {
  resource: { ...text, description: "crate/name or crate/name[item]: it is there." },
  attributes: { type: "object", description: "Parameters it has." },
  content_matches: { ...text, description: "A regular expression (RE2) in its content." },
  absent: { ...text, description: "A resource or configcrate that is not there." },
  before: { ...order, description: "The first is done before the second." },
  after: { ...order, description: "The first is done after the second." },
  error: { ...text, description: "Part of the message or the code." },
};

const test = {
  test: { ...text, description: "What must be so, in words." },
  given: { ...only(given, ["hostname"]), description: "Which host." },
  expect: {
    type: "array",
    minItems: 1,
    items: definition("expectation"),
    description: "All of this.",
  },
};

const param: KeysOf<typeof paramShape> = {
  type: { enum: [...paramTypes], description: "Its kind." },
  description: { ...text, description: "For who runs it." },
  default: {
    ...text,
    description: "Its value where nobody gives one; without it, it is required.",
  },
  pattern: { ...text, description: "Of a string: what the whole of it must fit (RE2)." },
  one_of: names("Of a string: the values it may have."),
  min: { ...text, description: "Of an integer." },
  max: { ...text, description: "Of an integer." },
};

const task: KeysOf<typeof taskShape> = {
  task: { ...name, description: "Its name, unique in the tree." },
  description: { ...text, description: "For lists." },
  params: {
    ...map,
    description: "A value is `$name` as a word of the command, VIGO_PARAM_NAME, and JSON on stdin.",
    propertyNames: { pattern: "^[a-z][a-z0-9_]{0,63}$" },
    additionalProperties: definition("parameter"),
  },
  command: { type: "array", minItems: 1, items: text, description: "The program and its words." },
  timeout: { ...time, description: "How long it may take on one machine (d: 60s)." },
  roles: names("Roles of users who may run it; all who may run tasks, when not said."),
};
