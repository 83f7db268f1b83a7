import { afterAll, beforeAll, expect, test } from "bun:test";
import * as files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isIgnored } from "../../src/core/policy/layout.ts";
import { writeAtomically, writeNew } from "../../src/core/write-file.ts";

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

const refused = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ["", undefined, "ours"],
  ["where a file has one name only", "EPERM", "ours"],
])("a new file is there, and nothing else %s", async (_, code, text) => {
  const path = join(room, `new-${code}`, "page");
  const link = code === undefined ? files.link : () => Promise.reject(refused(code));
  await writeNew({ ...files, link }, path, text);
  expect(await files.readdir(join(room, `new-${code}`))).toEqual(["page"]);
  expect(await files.readFile(path, "utf8")).toBe(text);
  expect((await files.stat(path)).mode & 0o777).toBe(0o600);
});

test("what somebody has put there meanwhile stays", async () => {
  const path = join(room, "theirs", "page");
  await writeAtomically(files, path, "theirs");
  await writeNew(files, path, "ours");
  expect(await files.readdir(join(room, "theirs"))).toEqual(["page"]);
  expect(await files.readFile(path, "utf8")).toBe("theirs");
});

test("what cannot be linked for another reason is said, and nothing stays", async () => {
  const path = join(room, "full", "page");
  const link = () => Promise.reject(refused("ENOSPC"));
  await expect(writeNew({ ...files, link }, path, "ours")).rejects.toThrow("ENOSPC");
  expect(await files.readdir(join(room, "full"))).toEqual([]);
});
