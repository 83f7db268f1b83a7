/** The example stacks: what the executable holds, that it is good policy, and that its own tests say something. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";

const room = await mkdtemp(join(tmpdir(), "vigo-examples-"));
afterAll(() => removeRoom(room));

async function vigo(...words: readonly string[]) {
  const screen = recordingScreen();
  const code = await cli(["config", ...words], screen);
  return { code, ...screen.printed() };
}

const names = (await readdir("examples")).sort();
const filesOf = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

test("all of them are listed, each with its title and whom it is for", async () => {
  const { examples } = JSON.parse((await vigo("examples", "list", "--json")).out);
  expect(examples.map(({ name }: { name: string }) => name)).toEqual(names);
  for (const each of examples) {
    expect(each.title).not.toBe(each.name);
    expect(each.for).toMatch(/^whoever .{20,}\.$/);
  }
  expect((await vigo("examples", "list")).out).toContain("Base hardening");
});

describe.each(names)("%s", (name) => {
  const folder = join(room, name);

  test("is copied as it stands in the repository, once", async () => {
    const { code, out } = await vigo("examples", "copy", name, "--to", folder);
    expect([code, out]).toEqual([0, expect.stringContaining("README.md")]);
    const files = await filesOf(folder);
    expect(files).toEqual(await filesOf(join("examples", name)));
    for (const file of files)
      expect(await readFile(join(folder, file), "utf8")).toBe(
        await readFile(join("examples", name, file), "utf8"),
      );
    const again = await vigo("examples", "copy", name, "--to", folder);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("is not empty")]);
  });

  test("passes every gate, without a warning", async () => {
    const home = join(room, "home");
    await mkdir(home, { recursive: true });
    const { code, out } = await vigo("validate", "--stacks", folder, "--home", home);
    expect([code, out]).toEqual([0, expect.stringMatching(/^good: \d+ files, 0 warnings$/)]);
  });

  test("its README names each var of the shared files", async () => {
    const readme = await readFile(join(folder, "README.md"), "utf8");
    for (const file of await filesOf(folder)) {
      if (!/(^|\/)(common|environments|envoys)\.vgo$/.test(file)) continue;
      const text = Bun.YAML.parse(await readFile(join(folder, file), "utf8"));
      for (const name of varsIn(text)) expect(readme).toContain(`\`${name}\``);
    }
  });
});

test.each(names.filter((name) => name !== "first-steps"))(
  "%s has three tests at least, and they hold",
  async (name) => {
    const words = ["test", "--stacks", join("examples", name), "--json"];
    const { tests, failed } = JSON.parse((await vigo(...words)).out);
    expect(failed).toBe(0);
    expect(tests.length).toBeGreaterThanOrEqual(3);
  },
);

/** Names under every `vars:`, but those that only look something up. */
function varsIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(varsIn);
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "vars" ? Object.entries(inner as object).flatMap(named) : varsIn(inner),
  );
}
const named = ([name, value]: [string, unknown]): readonly string[] =>
  typeof value === "object" && value !== null && "lookup" in value
    ? [String((value as { lookup: unknown }).lookup)]
    : [name];

test("what is misspelt is told", async () => {
  expect((await vigo("examples", "copy", "base-hardning")).err).toContain('"base-hardening"?');
  expect((await vigo("examples", "copy")).code).toBe(2);
  expect((await vigo("examples", "show")).code).toBe(2);
  const busy = join(room, "busy");
  await mkdir(busy);
  await writeFile(join(busy, "mine"), "x");
  expect((await vigo("examples", "copy", "first-steps", "--to", busy)).code).toBe(1);
  expect(await readdir(busy)).toEqual(["mine"]);
});
