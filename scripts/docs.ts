/**
 * Writes docs/reference/ from the schemas of resource types and traits and the tables of commands: `bun run docs`. With
 * `--check` it writes nothing and fails when a page is not what it would write.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { pages } from "./reference.ts";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const folder = join(dirname(import.meta.dir), "docs", "reference");

const wanted = await pages();
const there = new Map<string, string>();
for (const name of await readdir(folder, { recursive: true }).catch(none))
  if (/\.(?:md|yaml)$/.test(name)) there.set(name, await readFile(join(folder, name), "utf8"));

const stale = [
  ...[...wanted].filter(([name, text]) => there.get(name) !== text).map(([name]) => name),
  ...[...there.keys()].filter((name) => !wanted.has(name)),
];

if (values.check) {
  for (const name of stale) console.error(`docs/reference/${name} is stale: bun run docs`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const name of stale) {
  const file = join(folder, name);
  const text = wanted.get(name);
  if (text === undefined) await rm(file);
  else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

function none(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}
