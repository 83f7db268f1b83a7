/** What was found, as the files of a stacks tree: a configcrate with a heading for each part. Must not know the machine. */
import { scalarYaml, flowYaml } from "../../../core/text/yaml-spelling.ts";
import type { Tree } from "../../../core/policy/model.ts";
import type { FoundResource, Part } from "./found.ts";

const widest = 160;

export interface Section {
  readonly part: Pick<Part, "name" | "summary">;
  readonly resources: readonly FoundResource[];
}

/** Files by their path in the tree. `about` is the first line of the configcrate. */
export function importedTree(
  name: string,
  hostname: string,
  about: string,
  sections: readonly Section[],
): Tree {
  const text = (content: string) => new TextEncoder().encode(content);
  const files = new Map<string, Uint8Array>([
    [
      "envoys.vgo",
      text(`envoys:\n  - { match: ${scalarYaml(hostname, "double")}, configcrates: [${name}] }\n`),
    ],
    [`configcrates/${name}.vgo`, text(crate(name, about, sections))],
  ]);
  for (const { resources } of sections)
    for (const { template } of resources)
      if (template !== undefined) files.set(`templates/${template.path}`, template.bytes);
  return { files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function crate(name: string, about: string, sections: readonly Section[]): string {
  const filled = sections.filter(({ resources }) => resources.length > 0);
  const lines = filled.flatMap(({ part, resources }) => [
    "",
    `  # ${part.summary}.`,
    ...resources.flatMap(entry),
  ]);
  const body = lines.length === 0 ? ["resources: []"] : ["resources:", ...lines.slice(1)];
  return [`# ${about}`, `configcrate: ${name}`, ...body, ""].join("\n");
}

/** On one line where that can be read, else a line each. */
function entry({ type, params, note }: FoundResource): readonly string[] {
  const comment = note === undefined ? "" : ` # ${note}`;
  const all = Object.entries({ type, ...params });
  const flow = `  - { ${all.map(([key, value]) => `${key}: ${flowYaml(value)}`).join(", ")} }`;
  if (flow.length <= widest) return [`${flow}${comment}`];
  const lines = all.flatMap(([key, value]) =>
    Array.isArray(value)
      ? [`${key}:`, ...value.map((one) => `  - ${flowYaml(one)}`)]
      : [`${key}: ${flowYaml(value)}`],
  );
  return lines.map((one, at) => `${at === 0 ? "  - " : "    "}${one}${at === 0 ? comment : ""}`);
}
