import { afterEach, beforeEach, expect, test } from "bun:test";
import * as disk from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files } from "../../../src/core/files.ts";
import type { Tree } from "../../../src/core/policy/model.ts";
import { history, liveVersion, readLive, soundLive } from "../../../src/core/publish/live.ts";
import { publishTree } from "../../../src/core/publish/publish.ts";

let home = "";
beforeEach(async () => {
  home = await disk.mkdtemp(join(tmpdir(), "vigo-publish-"));
});
afterEach(async () => {
  await Bun.$`chmod -R u+w ${home} && rm -rf ${home}`.quiet();
});

const tree = (files: Readonly<Record<string, string>>): Tree => ({
  files: new Map(
    Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]),
  ),
});
const first = tree({ "envoys.vgo": "envoys: []\n", "templates/a/b.conf": "one\n" });
const second = tree({ "envoys.vgo": "envoys: []\n", "templates/a/b.conf": "two\n" });
const me = { self: "1 1", isAlive: (holder: string) => holder === "2 2" };
const noon = new Date("2026-01-01T12:00:00Z");

const publish = (
  content: Tree,
  files: Files = disk,
  more: { now?: Date; keep?: number; replace?: boolean } = {},
) =>
  publishTree(
    files,
    home,
    { tree: content, actor: "dana", message: "m", source: "stacks", now: noon, ...more },
    me,
  );
const live = async () => (await readLive(disk, home))?.tree;

test("what was published is live, read-only, and remembered", async () => {
  const published = await publish(first);
  const version = Math.floor(noon.getTime() / 1000);
  expect(published).toMatchObject({ kind: "published", manifest: { version, actor: "dana" } });
  expect(await live()).toEqual(first);
  const folder = join(home, ".live");
  expect((await disk.stat(folder)).mode & 0o777).toBe(0o555);
  expect((await disk.stat(join(folder, "envoys.vgo"))).mode & 0o777).toBe(0o444);
  expect(await history(disk, home)).toHaveLength(1);
});

test("the same content is not published twice", async () => {
  const { version } = (await publish(first).then(() => liveVersion(disk, home))) ?? {};
  expect(await publish(first)).toEqual({ kind: "unchanged", version: version ?? 0 });
});

/** Something that happens to what lies on a disk. */
const accidents: readonly [string, boolean, (folder: string) => Promise<unknown>][] = [
  ["a file is gone", true, (folder) => disk.rm(join(folder, "envoys.vgo"))],
  ["a file is another", true, (folder) => overwritten(join(folder, "envoys.vgo"))],
  ["a file is a link", true, (folder) => linked(join(folder, "envoys.vgo"))],
  ["its manifest is gone", false, (folder) => disk.rm(join(folder, "publish.json"))],
  ["nothing is left", false, (folder) => Bun.$`chmod -R u+w ${folder} && rm -rf ${folder}`.quiet()],
  ["its manifest is another", false, (folder) => overwritten(join(folder, "publish.json"))],
];
const overwritten = async (file: string) => {
  await disk.chmod(file, 0o644);
  await disk.writeFile(file, "{}");
};
const linked = async (file: string) => {
  await disk.rm(file);
  await disk.symlink("/etc/hostname", file);
};

test.each(accidents)(
  "a live version of which %s is published over",
  async (_, isKnown, happens) => {
    await publish(first);
    const folder = await disk.realpath(join(home, ".live"));
    await disk.chmod(folder, 0o755);
    await happens(folder);
    expect((await soundLive(disk, home)).damage).toContain("is damaged");
    if (!isKnown) {
      const asked = publish(first).catch((error: unknown) => error);
      expect(await asked).toMatchObject({
        failure: "failed",
        hint: expect.stringContaining("--replace"),
      });
    }
    const more = isKnown ? {} : { replace: true };
    const done = await publish(first, disk, more);
    expect(done.kind).toBe("published");
    expect(await live()).toEqual(first);
    expect(await soundLive(disk, home)).not.toHaveProperty("damage");
  },
);

test("versions only grow, also when the clock went back", async () => {
  await publish(first);
  await publish(second, disk, { now: new Date("2020-01-01T00:00:00Z") });
  const [newest, oldest] = await history(disk, home);
  expect(newest?.version).toBe((oldest?.version ?? 0) + 1);
  expect(newest?.parent).toBe(oldest?.digest ?? "");
  expect(await live()).toEqual(second);
});

test("old versions go, the live one stays", async () => {
  for (let count = 0; count < 5; count++)
    await publish(tree({ "envoys.vgo": `# ${count}\n` }), disk, { keep: 3 });
  expect(await disk.readdir(join(home, "versions"))).toHaveLength(3);
  expect(await live()).toEqual(tree({ "envoys.vgo": "# 4\n" }));
});

test("stopped at any call it leaves the old or the new, and the next publish works", async () => {
  await publish(first);
  for (let stopAt = 1; ; stopAt++) {
    const { files, calls } = stopping(stopAt);
    const ended = await publish(second, files).then(
      () => true,
      (error: unknown) => {
        if (error !== power) throw error;
        return false;
      },
    );
    expect([first, second]).toContainEqual((await live()) as Tree);
    // The process is gone, so its lock is a dead one's.
    await publish(first);
    expect(await live()).toEqual(first);
    const litter = (await disk.readdir(join(home, "versions"))).filter((name) =>
      name.startsWith("."),
    );
    expect(litter).toEqual([]);
    if (ended) {
      expect(calls()).toBeLessThan(stopAt);
      expect(stopAt).toBeGreaterThan(30);
      return;
    }
  }
});

test("while another one publishes it is refused, and a dead one's lock is taken over", async () => {
  await disk.symlink("2 2", join(home, "publish.lock"));
  await expect(publish(first)).rejects.toThrow("another publish is going on (process 2)");
  await disk.unlink(join(home, "publish.lock"));
  await disk.symlink("3 3", join(home, "publish.lock"));
  expect(await publish(first)).toMatchObject({ kind: "published" });
  expect(await disk.readdir(home)).not.toContain("publish.lock");
});

test("a live version that somebody edited is not obeyed", async () => {
  await publish(first);
  const file = join(home, ".live", "envoys.vgo");
  await disk.chmod(file, 0o644);
  await disk.writeFile(file, "envoys: [1]\n");
  await expect(live()).rejects.toThrow("its files are not the ones that were published");
});

test.each(["templates/../../x", "a//b.vgo", ".git/config", "README.md", "publish.json"])(
  "%s is no path of a tree: reading it back would give another",
  async (path) => {
    await expect(publish(tree({ [path]: "" }))).rejects.toThrow("is no path of a tree");
    expect(await liveVersion(disk, home)).toBeUndefined();
  },
);

test("dot files under templates are content like any other", async () => {
  const dots = tree({ "templates/.vimrc": "x", "templates/README.md": "y" });
  await publish(dots);
  expect(await live()).toEqual(dots);
});

test("a symlink that points elsewhere is said", async () => {
  await disk.symlink("/etc", join(home, ".live"));
  await expect(liveVersion(disk, home)).rejects.toThrow("points to /etc, which is no version");
});

const power = new Error("power lost");

/** The real file system until its `stopAt`th call, and nothing from then on. */
function stopping(stopAt: number) {
  let calls = 0;
  const gate =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (++calls >= stopAt) throw power;
      return call(...args);
    };
  const files: Files = {
    readdir: gate((path) => disk.readdir(path)),
    lstat: gate((path) => disk.lstat(path)),
    stat: gate((path) => disk.stat(path)),
    readFile: gate((path) => disk.readFile(path)),
    open: gate(async (path, flags, mode) => {
      const file = await disk.open(path, flags, mode);
      return {
        writeFile: gate((data) => file.writeFile(data)),
        sync: gate(() => file.sync()),
        close: () => file.close(),
      };
    }),
    mkdir: gate((path, options) => disk.mkdir(path, options)),
    rename: gate((from, to) => disk.rename(from, to)),
    rm: gate((path, options) => disk.rm(path, options)),
    symlink: gate((target, path) => disk.symlink(target, path)),
    readlink: gate((path) => disk.readlink(path)),
    chmod: gate((path, mode) => disk.chmod(path, mode)),
  };
  return { files, calls: () => calls };
}
