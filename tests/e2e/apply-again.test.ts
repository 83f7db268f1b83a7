import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { must, type Program } from "../support/program.ts";
import { removeRoom } from "../support/remove-room.ts";

let room: string;
let vigo: Program;
const at = (...parts: readonly string[]) => join(room, ...parts);
const remembered = () => at("home", "apply", "resolution.json");

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-again-"));
  vigo = { argv: [resolve(import.meta.dir, "../../dist/vigo")], cwd: room };
  await mkdir(at("stacks", "configcrates"), { recursive: true });
  await mkdir(at("stacks", "templates"), { recursive: true });
  await writeFile(at("stacks", "envoys.vgo"), 'envoys: [{match: "*", configcrates: [page]}]\n');
  await writeFile(
    at("stacks", "configcrates", "page.vgo"),
    `configcrate: page\nresources:\n  - {type: file, target_path: ${at("page")}, source: templates/page.liquid}\n`,
  );
  await writeFile(at("stacks", "templates", "page.liquid"), "one {{ envoy.hostname }}\n");
});
afterAll(() => removeRoom(room));

const apply = async (...flags: readonly string[]) => {
  const words = ["agent", "apply", at("stacks"), "--home", at("home"), "--hostname", "web"];
  return JSON.parse(await must(vigo, [...words, ...flags, "--json"]));
};
const page = () => readFile(at("page"), "utf8");

test("what was resolved once is not resolved again, and drift is still drift", async () => {
  expect(await apply()).toMatchObject({ outcome: "changed" });
  const { mtimeMs } = await stat(remembered());
  await writeFile(at("page"), "damaged\n");
  const again = await apply();
  expect(again.resources[0].changes[0]).toMatchObject({ field: "content", cause: "drift" });
  expect((await stat(remembered())).mtimeMs).toBe(mtimeMs);
  expect(await page()).toBe("one web\n");
});

test("a template, and another name, make it new", async () => {
  await writeFile(at("stacks", "templates", "page.liquid"), "two {{ envoy.hostname }}\n");
  const changed = await apply();
  expect(changed.resources[0].changes[0]).toMatchObject({ field: "content", cause: "intent" });
  expect(await page()).toBe("two web\n");
  await apply("--hostname", "db");
  expect(await page()).toBe("two db\n");
});

test("a memory that is damaged or gone costs nothing but time", async () => {
  await writeFile(remembered(), '{"key":');
  await apply();
  expect(await page()).toBe("two web\n");
  await rm(remembered());
  expect(await apply()).toMatchObject({ outcome: "ok" });
});

test("a dry run leaves no memory", async () => {
  await rm(remembered());
  await apply("--dry-run");
  expect(await Bun.file(remembered()).exists()).toBe(false);
});
