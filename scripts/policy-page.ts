/** docs/reference/policy.md: what each file of policy may hold, from the very schema that editors are given. */
import { resources } from "../src/core/resources/index.ts";
import { commonSchemas } from "../src/modes/cli/schema/resources.ts";
import { vgoSchema } from "../src/modes/cli/schema/vgo.ts";

/** What a schema of the language is made of. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

interface Section {
  readonly heading: string;
  readonly about: string;
  /** In `$defs`. */
  readonly names: readonly string[];
}

const sections: readonly Section[] = [
  {
    heading: "configcrates/**.vgo",
    about: "A configcrate: a named set of resources. Nothing happens until one is included.",
    names: ["configcrate"],
  },
  {
    heading: "usercrates/*.vgo",
    about:
      "A configcrate of one account. It has the keys of a configcrate but `foreach`, and `usercrate` in place of its name.",
    names: ["usercrate"],
  },
  { heading: "roles.vgo, roles/*.vgo", about: "`roles:`, a list of these:", names: ["role"] },
  {
    heading: "envoys.vgo, any other name",
    about:
      "`envoys:`, a list of hostcrates; of the whole tree the first one that matches a host is its hostcrate. `match`, `where` or both say for which hosts:",
    names: ["hostcrate"],
  },
  {
    heading: "environments.vgo",
    about: "`env:`, a map of names to these. A host is in the environment that its hostcrate says.",
    names: ["environment"],
  },
  {
    heading: "common.vgo",
    about: "What its folder and all below inherit.",
    names: ["common"],
  },
  {
    heading: "compliance.vgo",
    about: "Below `configcrates/` it claims controls, elsewhere it lets hosts off.",
    names: ["compliance", "waiver"],
  },
  { heading: "tests/*.vgo", about: "One file, one test.", names: ["test", "expectation"] },
  {
    heading: "tasks/*.vgo",
    about: "A [named task](../tasks.md#named-tasks).",
    names: ["task", "parameter"],
  },
  {
    heading: "workflows/*.vgo",
    about: "A [workflow](../workflows.md), which says what its steps may be.",
    names: ["workflow"],
  },
];

const inside: Readonly<Record<string, string>> = {
  waiver: "Each of `waivers`:",
  expectation: "Each of `expect` is one of `resource`, `absent`, `before`, `after` and `error`:",
  parameter: "Each of `params`, by its name:",
};

const schema = vgoSchema(resources) as Schema;
const defined = (name: string): Schema => schema.$defs?.[name] ?? {};

export function policyPage(): readonly string[] {
  return [
    "# Files of policy",
    "What may stand in each file below `stacks/`, key by key. What it is for, with examples: [write policy](../write-policy.md). `vigo cli config schema` says the same to editors, with all parameters of all types.",
    ...sections.flatMap(({ heading, about, names }) => [
      `## ${heading}`,
      about,
      ...names.flatMap((name) => [inside[name] ?? [], table(defined(name))].flat()),
    ]),
    "## A resource",
    "Every resource may have these beside the parameters of its [type](resources/README.md). Where a type has a parameter of the same name (`timeout` of an `exec`), that is meant.",
    table({ properties: commonSchemas, required: ["type"] }),
    "`timeout`, `retries`, `revert`, `noop`, `sensitive`, `render` and any parameter may stand under `defaults:` of a configcrate: each resource there has them that can have them and does not say otherwise.",
  ];
}

const table = ({ properties = {}, required = [] }: Schema): string =>
  [
    "| key | value | what it says |",
    "| --- | --- | --- |",
    ...Object.entries(properties).map(([key, one]) => {
      const needed = required.includes(key) ? " (required)" : "";
      return `| \`${key}\` | ${kindOf(one)}${needed} | ${cell(meant(one))} |`;
    }),
  ].join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** `defaults:` has those of all types. */
const mostKeys = 10;

/** What it says, and the keys of a map that has some. */
function meant(one: Schema): string {
  const { description = "", properties, $ref } = one;
  if ($ref !== undefined) return meant(reached($ref));
  if (properties === undefined || Object.keys(properties).length > mostKeys) return description;
  const keys = Object.entries(properties).map(([key, inner]) => {
    const says = meant(inner).replace(/\.$/, "");
    return says === ""
      ? `\`${key}\``
      : `\`${key}\` (${says.charAt(0).toLowerCase()}${says.slice(1)})`;
  });
  return `${description} Its keys: ${keys.join(", ")}.`;
}

const reached = (reference: string): Schema =>
  reference
    .replace("#/$defs/", "")
    .split("/properties/")
    .reduce<Schema>(
      (at, key, index) => (index === 0 ? defined(key) : at.properties?.[key]) ?? {},
      {},
    );

/** Its kind, in a word or two. */
function kindOf({ $ref, enum: words, anyOf, type, pattern }: Schema): string {
  if ($ref !== undefined) return kindOf(reached($ref));
  if (words !== undefined) return ofWords(words);
  if (anyOf !== undefined)
    return [...new Set(anyOf.map(kindOf))].filter((word) => word !== "nothing").join(" or ");
  if (pattern?.includes("ms|s|m|h") === true) return "time";
  if (pattern?.includes("%") === true) return "percent";
  const [first = "anything"] = [type ?? []].flat();
  return kinds[first] ?? first;
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  integer: "number",
  array: "list",
  object: "map",
  null: "nothing",
};

const ofWords = (words: readonly unknown[]): string => {
  const said = [...new Set(words.map(String))];
  return said.join() === "true,false" ? "true or false" : said.join(", ");
};
