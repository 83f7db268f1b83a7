import { afterAll, beforeAll, expect, test } from "bun:test";
import * as files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isIgnored } from "../../src/core/policy/layout.ts";
import { writeAtomically } from "../../src/core/write-file.ts";

let room: string;
beforeAll(async () => {
  room = await files.mkdtemp(join(tmpdir(), "vigo-write-"));
});
afterAll(() => files.rm(room, { recursive: true }));

const broken = new Error("the power went");

test("a file is there with its mode, in a folder for its owner alone, and nothing else", async () => {
  const before = process.umask(0o077);
  await writeAtomically(files, join(room, "new", "page"), "one", 0o644);
  await writeAtomically(files, join(room, "new", "page"), "two", 0o644);
  process.umask(before);
  expect(await files.readdir(join(room, "new"))).toEqual(["page"]);
  expect(await files.readFile(join(room, "new", "page"), "utf8")).toBe("two");
  expect((await files.stat(join(room, "new", "page"))).mode & 0o777).toBe(0o644);
  expect((await files.stat(join(room, "new"))).mode & 0o777).toBe(0o700);
});

test("what cannot be renamed is taken away, and the old one stays", async () => {
  const path = join(room, "kept", "page");
  await writeAtomically(files, path, "old");
  const failing = { ...files, rename: () => Promise.reject(broken) };
  await expect(writeAtomically(failing, path, "new")).rejects.toThrow(broken);
  expect(await files.readdir(join(room, "kept"))).toEqual(["page"]);
  expect(await files.readFile(path, "utf8")).toBe("old");
});

test("what a kill leaves among stacks is none of them", async () => {
  const path = join(room, "stacks", "envoys.vgo");
  const killed = { ...files, rename: () => Promise.reject(broken), rm: async () => {} };
  await expect(writeAtomically(killed, path, "half")).rejects.toThrow(broken);
  const left = await files.readdir(join(room, "stacks"));
  expect(left).toHaveLength(1);
  expect(left.map(isIgnored)).toEqual([true]);
});
