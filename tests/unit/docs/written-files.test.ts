/** The files that the manual shows can be written so: policy is what the language takes, settings what the server takes. */
import { expect, test } from "bun:test";
import { parseTree } from "../../../src/core/policy/parse.ts";
import { validate } from "../../../src/core/policy/validate.ts";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { parseConfig } from "../../../src/modes/server/config/read.ts";
import { treeOf } from "../../support/policy.ts";

interface Shown {
  readonly place: string;
  readonly text: string;
  /** What its first line says it is: `# server.yaml; …`. */
  readonly file: string;
}

const pages = ["README.md", ...[...new Bun.Glob("docs/*.md").scanSync()].sort()];

async function shownIn(path: string): Promise<readonly Shown[]> {
  const page = await Bun.file(path).text();
  return [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(({ 1: text = "", index }) => ({
    place: `${path}:${page.slice(0, index).split("\n").length}`,
    text,
    file: /^# (?:~\/vigo\/stacks\/)?([\w./-]+)/.exec(text)?.[1] ?? "",
  }));
}

const shown = (await Promise.all(pages.map(shownIn))).flat();
const settings = shown.filter(({ file }) => file === "server.yaml");
const policy = shown.filter(({ file }) => file === "" || file.endsWith(".vgo"));

/** A part of a file as a whole one: resources alone, and vars beside them, stand in a configcrate. */
function whole({ text, file }: Shown): Readonly<Record<string, string>> {
  if (file !== "") return { [file]: text };
  const list = text.startsWith("- ") ? `resources:\n${text.replace(/^(?=.)/gm, "  ")}` : text;
  return { "configcrates/example.vgo": `configcrate: example\n${list}` };
}

/** What a page shows alone refers to what is elsewhere. */
const elsewhere = ["VG106", "VG401", "VG402", "VG403", "VG404", "VG411"];

test("all kinds are found", () => {
  expect(settings.length).toBeGreaterThan(4);
  expect(policy.length).toBeGreaterThan(10);
});

/** What each house has of its own. */
const filledIn = (text: string): string =>
  text.replace(/secret:[\w/]+|(?<= )…/g, "sixteen-characters-or-more");

test.each(settings)("$place is what server.yaml may say", ({ text }) => {
  expect(() => parseConfig(filledIn(text), "server.yaml")).not.toThrow();
});

test.each(policy)("$place is what policy may say", (one) => {
  const { problems } = validate(parseTree(treeOf(whole(one))), { resources, traits });
  expect(problems.filter(({ code }) => !elsewhere.includes(code))).toEqual([]);
});
