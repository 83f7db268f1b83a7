import { afterEach, beforeEach, expect, test } from "bun:test";
import * as disk from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Files } from "../../../src/core/files.ts";
import { byPath, foldersOf, isIgnored, kindOfFile } from "../../../src/core/policy/layout.ts";
import { loadTree } from "../../../src/core/policy/load.ts";
import { printProblem } from "../../../src/core/problem.ts";

let root = "";
beforeEach(async () => {
  root = await disk.mkdtemp(join(tmpdir(), "vigo-load-"));
});
afterEach(() => disk.rm(root, { recursive: true, force: true }));

async function put(files: Readonly<Record<string, string | Uint8Array>>) {
  for (const [path, content] of Object.entries(files)) {
    await disk.mkdir(dirname(join(root, path)), { recursive: true });
    await disk.writeFile(join(root, path), content);
  }
}

const problems = async (files: Files = disk) =>
  (await loadTree(files, root)).problems.map(printProblem);

test("files come in the order they are read, dot files and notes do not come", async () => {
  await put({
    "z.vgo": "z",
    "b/inner.vgo": "b",
    "B/inner.vgo": "B",
    "b.vgo": "b",
    "configcrates/é.vgo": "é",
    ".git/config": "x",
    "README.md": "x",
    "a.vgo~": "x",
    "templates/.vimrc": "kept",
    "templates/notes.md": "kept",
    "templates/.x.swp": "x",
  });
  const { tree, problems } = await loadTree(disk, root);
  expect(problems).toEqual([]);
  expect([...tree.files.keys()]).toEqual([
    "b.vgo",
    "z.vgo",
    "B/inner.vgo",
    "b/inner.vgo",
    "configcrates/é.vgo",
    "templates/.vimrc",
    "templates/notes.md",
  ]);
});

test("symlinks, pipes and files too big are said, and the rest is read", async () => {
  await put({ "a.vgo": "a", "big.vgo": new Uint8Array(1024 * 1024 + 1) });
  await put({ "most.vgo": new Uint8Array(1024 * 1024) });
  await disk.symlink("/etc/passwd", join(root, "link.vgo"));
  await disk.symlink("/etc", join(root, "folder"));
  await Bun.$`mkfifo ${join(root, "pipe.vgo")}`.quiet();
  const { tree, problems } = await loadTree(disk, root);
  expect([...tree.files.keys()]).toEqual(["a.vgo", "most.vgo"]);
  expect(problems.map(printProblem)).toEqual([
    "big.vgo:1:1: VG202 more than 1 MiB",
    "folder:1:1: VG201 a symlink\n  hint: put the file itself here",
    "link.vgo:1:1: VG201 a symlink\n  hint: put the file itself here",
    "pipe.vgo:1:1: VG201 neither a file nor a folder",
  ]);
});

test("a tree too big and folders too deep are said once", async () => {
  const megabyte = new Uint8Array(1024 * 1024);
  const many = Array.from({ length: 65 }, (_, at) => [`templates/${at + 100}`, megabyte] as const);
  await put({ ...Object.fromEntries(many), [`${"d/".repeat(40)}x.vgo`]: "x" });
  expect(await problems()).toEqual([
    `${"d/".repeat(33).slice(0, -1)}:1:1: VG202 folders nested too deep`,
    "templates/164:1:1: VG202 the tree has more than 64 MiB",
  ]);
});

test("no folder is an error with a way out", async () => {
  await expect(loadTree(disk, join(root, "nowhere"))).rejects.toMatchObject({
    failure: "missing",
    hint: expect.stringContaining("--home"),
  });
});

test("what went away or may not be read is a problem; a disk that fails is an error", async () => {
  await put({ "a.vgo": "a", "b.vgo": "b" });
  const failing = (code: string): Files => ({
    ...disk,
    readFile: async (path) => {
      if (path.endsWith("a.vgo")) throw Object.assign(new Error(code), { code });
      return disk.readFile(path);
    },
  });
  expect(await problems(failing("EACCES"))).toEqual([
    "a.vgo:1:1: VG201 may not be read by this user",
  ]);
  expect(await problems(failing("ENOENT"))).toEqual([
    "a.vgo:1:1: VG201 went away while the tree was read",
  ]);
  await expect(problems(failing("EIO"))).rejects.toThrow("EIO");
});

test.each([
  ["configcrates/a/b.vgo", "configcrate"],
  ["configcrates/compliance.vgo", "compliance"],
  ["templates/a.vgo", "template"],
  ["roles.vgo", "roles"],
  ["roles/a.vgo", "roles"],
  ["clients/roles.vgo", "hostcrates"],
  ["clients/acme/common.vgo", "common"],
  ["environments.vgo", "environments"],
  ["envoys.vgo", "hostcrates"],
  ["clients/acme/anything.vgo", "hostcrates"],
  ["tasks/a.vgo", "task"],
  ["tasks/a/b.vgo", "stray"],
  ["a.yaml", "stray"],
] as const)("%s is %s", (path, kind) => expect(kindOfFile(path)).toBe(kind));

test("folders above a file, outermost first", () => {
  expect(foldersOf("clients/acme/x.vgo")).toEqual(["", "clients", "clients/acme"]);
  expect(foldersOf("x.vgo")).toEqual([""]);
});

test("files of a folder come before its sub-folders", () => {
  const paths = ["a/b/c.vgo", "a/z.vgo", "b.vgo", "a.vgo", "a/b.vgo"];
  expect(paths.sort(byPath)).toEqual(["a.vgo", "b.vgo", "a/b.vgo", "a/z.vgo", "a/b/c.vgo"]);
});

test("only leftovers are ignored inside templates", () => {
  expect(isIgnored("templates/.bashrc")).toBe(false);
  expect(isIgnored("templates/.bashrc~")).toBe(true);
  expect(isIgnored(".live")).toBe(true);
});
