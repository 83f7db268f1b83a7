/**
 * Keeps src/core/resources/proven.ts: on what machines each resource type has been through its life. Tests of the lab and of the VM
 * note what they proved (tests/lab/proof.ts); `bun scripts/proven.ts` takes those notes in, and leaves out what no table claims
 * any more. `--check` writes nothing and fails when a type is missing or more is said than the tables of the tests have; with
 * `--ran NOTES`, a run's notes, also when that run proved something else than is said; `--part`: it was not a whole one.
 */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { resources } from "../src/core/resources/index.ts";
import { proven, recorded } from "../src/core/resources/proven.ts";

const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    ran: { type: "string" },
    part: { type: "boolean", default: false },
  },
});
const page = "src/core/resources/proven.ts";
const folders = ["tests/lab", "tests/vm"] as const;
const names = resources.map(({ name }) => name).sort();

interface Note {
  readonly type: string;
  readonly place: string;
}

async function notesIn(path: string): Promise<readonly Note[]> {
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Note);
}

/** Texts of the tests that put types through their lives, by the word that tells their machines apart. */
async function tables(): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const folder of folders) {
    const files = (await readdir(folder, { recursive: true })).filter((name) =>
      name.endsWith(".ts"),
    );
    const all = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
    texts.set(folder, all.filter((text) => /\b(?:liveThrough|Life|proven)\b/.test(text)).join());
  }
  return texts;
}

const mentions = (text: string, type: string) =>
  new RegExp(`\\btype: ${type}\\b|"${type}"`).test(text);

/** Is there a test that could have shown it? */
function isClaimed(texts: ReadonlyMap<string, string>, type: string, place: string): boolean {
  const folder = place.endsWith("VM") ? "tests/vm" : "tests/lab";
  return mentions(texts.get(folder) ?? "", type);
}

function pageOf(places: ReadonlyMap<string, readonly string[]>): string {
  const rows = names.map((name) => {
    const where = places.get(name) ?? [];
    const value = where.length === 0 ? "recorded" : JSON.stringify([...where].sort());
    return `  ${name}: ${value},`;
  });
  return [
    "/**",
    " * Where each resource type has been through its life on a real machine. Made by `bun scripts/proven.ts` from what the tests noted",
    " * when they ran; do not edit.",
    " */",
    "",
    "/** On an imagined machine that answers as the tools' manuals and recorded outputs have it. */",
    'export const recorded: readonly string[] = ["recorded outputs"];',
    "",
    "export const proven: Readonly<Record<string, readonly string[]>> = {",
    ...rows,
    "};",
    "",
  ].join("\n");
}

const placesOf = (type: string) =>
  (proven[type] ?? recorded).filter((place) => !recorded.includes(place));

/** What is wrong with the page as it stands. */
async function faults(): Promise<readonly string[]> {
  const texts = await tables();
  const missing = names.filter((name) => proven[name] === undefined);
  const surplus = Object.keys(proven).filter((name) => !names.includes(name));
  const untrue = names.flatMap((name) =>
    placesOf(name)
      .filter((place) => !isClaimed(texts, name, place))
      .map((place) => `${name} is in no table for: ${place}`),
  );
  return [
    ...missing.map((name) => `${name} is missing`),
    ...surplus.map((name) => `${name} is no type`),
    ...untrue,
    ...(values.ran === undefined ? [] : differences(await notesIn(values.ran))),
  ];
}

/** Only places that the run was at all can be compared. */
function differences(notes: readonly Note[]): readonly string[] {
  const ran = new Set(notes.map(({ place }) => place));
  const shown = new Set(notes.map(({ type, place }) => `${type}: ${place}`));
  const said = new Set(
    names.flatMap((name) =>
      placesOf(name).flatMap((place) => (ran.has(place) ? [`${name}: ${place}`] : [])),
    ),
  );
  return [
    ...[...(values.part ? new Set<string>() : said.difference(shown))].map(
      (line) => `said, but not proven by this run: ${line}`,
    ),
    ...[...shown.difference(said)].map((line) => `proven by this run, but not said: ${line}`),
  ];
}

async function update(): Promise<void> {
  const texts = await tables();
  const fresh = await notesIn(values.ran ?? "dist/proven.jsonl");
  const places = new Map(
    names.map((name) => {
      const noted = fresh.filter(({ type }) => type === name).map(({ place }) => place);
      const all = [...new Set([...placesOf(name), ...noted])];
      return [name, all.filter((place) => isClaimed(texts, name, place))];
    }),
  );
  await writeFile(page, pageOf(places));
}

if (values.check) {
  const found = await faults();
  for (const fault of found)
    console.error(`${page}: ${fault}: run the test, then bun scripts/proven.ts`);
  process.exit(found.length === 0 ? 0 : 1);
}
await update();
