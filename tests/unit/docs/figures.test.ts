/** What the first pages count and name is so. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";

const architecture = await Bun.file("ARCHITECTURE.md").text();

test("the README counts types, traits and examples right", async () => {
  const words = ["eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen"];
  const stacks = words[(await readdir("examples")).length - 8] ?? "too many to say";
  const readme = await Bun.file("README.md").text();
  expect(readme).toContain(`${resources.length} resource types and ${traits.length} traits`);
  expect(readme.toLowerCase()).toContain(`${stacks} stacks worth copying`);
});

test("each folder of core is on the map, and nothing that is not there", async () => {
  const folders = (await readdir("src/core", { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `\`core/${name}/\``);
  expect(folders.filter((folder) => !architecture.includes(folder))).toEqual([]);
  const named = [...architecture.matchAll(/`((?:core|modes)\/[\w/.-]+)`/g)].map(([, path]) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(`src/${path}`))).toEqual([]);
});

test("links of the manual lead somewhere", async () => {
  const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "bench/README.md"];
  const all = [...pages, ...new Bun.Glob("{docs,examples}/**/*.md").scanSync()];
  const texts = new Map(
    await Promise.all(all.map(async (path) => [path, await Bun.file(path).text()] as const)),
  );
  const lost = [...texts].flatMap(([path, text]) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !leads(link, path, texts))
      .map((link) => `${path}: ${link}`),
  );
  expect(lost).toEqual([]);
});

function leads(link: string, from: string, texts: ReadonlyMap<string, string>): boolean {
  const [file = "", anchor] = link.split("#");
  const path = file === "" ? from : new URL(file, `file:///${from}`).pathname.slice(1);
  if (!existsSync(path)) return false;
  return anchor === undefined || anchors(texts.get(path) ?? "").includes(anchor);
}

/** As GitHub makes them of headings. */
const anchors = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
