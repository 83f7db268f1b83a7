import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFile, mkdir, mkdtemp, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { damageOf } from "../../../src/modes/agent/lmdb-check.ts";
import { openLmdb } from "../../../src/modes/agent/lmdb.ts";

let room: string;
const whole = () => join(room, "whole");

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-test-"));
  const root = await openLmdb<Uint8Array>({
    path: whole(),
    libDir: join(room, "lib"),
    maxDbs: 4,
    encoding: "binary",
  });
  const values = root.openDB<string, string>({ name: "values", encoding: "json" });
  for (let index = 0; index < 500; index++) await values.put(`key-${index}`, "x".repeat(500));
  for (let index = 0; index < 250; index++) await values.remove(`key-${index}`);
  await root.flushed;
  await root.close();
});

afterAll(() => rm(room, { recursive: true, force: true }));

let made = 0;
async function spoiled(spoil: (file: string) => Promise<unknown>): Promise<string> {
  const folder = join(room, `copy-${++made}`);
  await mkdir(folder);
  await copyFile(join(whole(), "data.mdb"), join(folder, "data.mdb"));
  await spoil(join(folder, "data.mdb"));
  return folder;
}

test("a whole file, none, and an empty one may be opened", async () => {
  expect(await damageOf(whole())).toBeUndefined();
  expect(await damageOf(join(room, "nothing"))).toBeUndefined();
  expect(await damageOf(await spoiled((file) => truncate(file, 0)))).toBeUndefined();
});

test("what is not LMDB's is said", async () => {
  const folder = await spoiled((file) => writeFile(file, "garbage"));
  expect(await damageOf(folder)).toBe("it is not an LMDB file of this version");
  const zeros = await spoiled((file) => writeFile(file, Buffer.alloc(65_536)));
  expect(await damageOf(zeros)).toBe("it is not an LMDB file of this version");
});

test.each([0.9, 0.5, 0.1])("a file cut to %d of itself is said", async (part) => {
  const { size } = await stat(join(whole(), "data.mdb"));
  const folder = await spoiled((file) => truncate(file, Math.floor(size * part)));
  expect(await damageOf(folder)).toStartWith("it was cut short");
});

test("a first page alone is said", async () => {
  const folder = await spoiled((file) => truncate(file, 4096));
  expect(await damageOf(folder)).toBe("its second meta page is damaged");
});
