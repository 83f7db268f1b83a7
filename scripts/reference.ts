/** The pages of docs/reference/ as text, each by its path below that folder. */
import { type Program, usageOf } from "../src/core/command/program.ts";
import { resources } from "../src/core/resources/index.ts";
import { traits } from "../src/core/traits/index.ts";
import { program as agent } from "../src/modes/agent/index.ts";
import { program as cli } from "../src/modes/cli/index.ts";
import {
  type DescribedTrait,
  type DescribedType,
  describeTrait,
  describeType,
  keepInWords,
} from "../src/modes/cli/reference/describe.ts";
import type { Field } from "../src/modes/cli/reference/fields.ts";
import { program as server } from "../src/modes/server/index.ts";
import { policyPage } from "./policy-page.ts";
import { serverYaml } from "./server-yaml.ts";

const made = "<!-- Made by `bun run docs` from the source; edit that. -->";

export async function pages(): Promise<ReadonlyMap<string, string>> {
  const types = resources.map(describeType);
  const all = new Map<string, string>();
  for (const type of types) all.set(`resources/${type.name}.md`, typePage(type));
  all.set("resources/README.md", typeList(types));
  all.set("traits.md", traitsPage(traits.map(describeTrait)));
  all.set("policy.md", page(...policyPage()));
  all.set("server.yaml", serverYaml());
  all.set("cli.md", await commandsPage());
  return all;
}

const page = (...parts: readonly string[]): string => `${[made, ...parts].join("\n\n")}\n`;

function typeList(types: readonly DescribedType[]): string {
  const rows = types.map(({ name, summary, proven }) => [
    `[${name}](${name}.md)`,
    summary,
    proven.join(", "),
  ]);
  return page(
    "# Resource types",
    "Where a type was proven: the first run changed, the second nothing, drift made by hand was found and mended, absent took away.",
    tabled(["type", "what it does", "proven on"], rows),
  );
}

function typePage(type: DescribedType): string {
  const named =
    type.main === undefined
      ? "Its `name` must be given."
      : `Without a \`name\` it is called \`${type.name}:\` and its \`${type.main}\`.`;
  const notified = type.notifiable ? " It may be notified." : "";
  const reverted = type.reverted === undefined ? "" : ` ${type.reverted}`;
  return page(
    `# ${type.name}`,
    type.summary,
    `For ${type.platforms.join(", ")}. ${named}${notified}${reverted} Proven on: ${type.proven.join(", ")}.`,
    "## Parameters",
    tabled(["parameter", "value", "default", "what it says"], type.parameters.map(parameterRow)),
    "Beside these, every resource may have the [common attributes](../policy.md#a-resource).",
    "## Examples",
    ...type.examples.map(({ title, vgo }) => `${title}:\n\n\`\`\`yaml\n${vgo}\n\`\`\``),
  );
}

const parameterRow = (field: Field): readonly string[] => [
  `\`${field.name}\``,
  cell(field.type),
  field.required ? "required" : field.default === undefined ? "" : `\`${cell(field.default)}\``,
  cell(field.description),
];

const traitsPage = (all: readonly DescribedTrait[]): string =>
  page(
    "# Traits",
    "Facts about a machine, read in templates and conditions as `traits.NAME.FIELD`. On a *stable* field the server may decide a condition.",
    ...all.map((trait) =>
      [
        `## ${trait.name}`,
        `${trait.summary} For ${trait.platforms.join(", ")}; ${keepInWords[trait.keep] ?? trait.keep}. ${trait.proven}`,
        tabled(
          ["field", "value", "", "what it is"],
          trait.fields.map((field) => [
            `\`${field.name}\``,
            cell(field.type),
            field.stable ? "stable" : "",
            cell(field.description),
          ]),
        ),
        `\`\`\`json\n${JSON.stringify(trait.example, undefined, 2)}\n\`\`\``,
      ].join("\n\n"),
    ),
  );

async function commandsPage(): Promise<string> {
  const parts = [...(await chapter(server)), ...(await chapter(agent)), ...(await chapter(cli))];
  return page(
    "# Commands",
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not allowed, 4 not found, 5 server not reached.",
    ...parts,
  );
}

async function chapter<Context>(program: Program<Context>): Promise<readonly string[]> {
  const parts = [`## ${program.name}`, program.summary];
  for (const [name, entry] of Object.entries(program.commands)) {
    if (entry.hidden === true) continue;
    const { default: command } = await entry.load();
    const usage = await usageOf(program, name, entry.summary, command, { colour: false });
    const body = usage.split("\n").slice(1).join("\n").trim();
    parts.push(
      `### ${program.name} ${name}`,
      entry.summary,
      `\`\`\`\n${body.replace(/[ \t]+$/gm, "")}\n\`\`\``,
    );
  }
  return parts;
}

const tabled = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, headings.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
