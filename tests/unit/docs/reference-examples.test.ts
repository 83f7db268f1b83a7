/** Each example of a page of the reference passes every gate as it stands there: whoever copies it has good policy. */
import { describe, expect, test } from "bun:test";
import { examineTree } from "../../../src/core/policy-tests/examine.ts";
import { printProblem } from "../../../src/core/problem.ts";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { treeOf } from "../../support/policy.ts";

const registries = { resources, traits };
const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

/** What the gates say to a configcrate that holds this and nothing else, on every host. */
function problemsOf(example: string): readonly string[] {
  const sources = [...example.matchAll(/\bsource: (templates\/\S+)$/gm)];
  const vars = [...example.matchAll(/\bvars\.(\w+)/g)].map(([, name]) => `  ${name}: text\n`);
  const tree = treeOf({
    "configcrates/example.vgo": `configcrate: example\nvars:\n${vars.join("")}resources:\n${indented(example)}\n`,
    "envoys.vgo": 'envoys:\n  - { match: "*", configcrates: [example] }\n',
    ...Object.fromEntries(sources.map(([, path = ""]) => [path, "text\n"])),
  });
  return examineTree(tree, registries).problems.map(printProblem);
}

describe.each(resources.map(({ name }) => name))("%s", (name) => {
  test("its examples are good policy", async () => {
    const page = await Bun.file(`docs/reference/resources/${name}.md`).text();
    const examples = [...page.matchAll(/^(.+):\n\n```yaml\n([\s\S]*?)\n```$/gm)];
    expect(examples.length).toBeGreaterThan(0);
    const wrong = examples.map(([, title = "", text = ""]) => [title, ...problemsOf(text)]);
    expect(wrong.filter(([, ...problems]) => problems.length > 0)).toEqual([]);
  });
});
