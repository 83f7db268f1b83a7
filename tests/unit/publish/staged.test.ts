import { afterEach, beforeEach, expect, test } from "bun:test";
import * as disk from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files } from "../../../src/core/files.ts";
import { history, readLive } from "../../../src/core/publish/live.ts";
import { type Publication, publishTree } from "../../../src/core/publish/publish.ts";
import { restoring, versionToRestore } from "../../../src/core/publish/rollback.ts";
import { finish, isSpreading } from "../../../src/core/publish/spreading.ts";
import { readPlan } from "../../../src/core/rollout/plan.ts";
import { treeOf } from "../../support/policy.ts";
import { removeRoom } from "../../support/remove-room.ts";

let home = "";
beforeEach(async () => {
  home = await disk.mkdtemp(join(tmpdir(), "vigo-staged-"));
});
afterEach(() => removeRoom(home));

const me = { self: "1 1", isAlive: () => false };
const rollout = readPlan({ canary: "5%" });
const tree = (text: string) => treeOf({ "envoys.vgo": "envoys: []\n", "templates/a": text });
const publish = (text: string, more: Partial<Publication> = {}, files: Files = disk) => {
  const who = { actor: "dana", message: "m", source: "stacks", now: new Date(1_700_000_000_000) };
  return publishTree(files, home, { tree: tree(text), ...who, ...more }, me);
};
const told = async () =>
  (await history(disk, home)).map(({ message, rollback_of }) => [message, rollback_of]);
const text = async () =>
  Buffer.from((await readLive(disk, home))?.tree.files.get("templates/a") ?? []).toString();

test("the stages are in the manifest, and nobody disturbs them until everyone has it", async () => {
  await publish("one");
  await publish("two", { rollout });
  const live = await readLive(disk, home);
  if (live === undefined) throw new Error("nothing is live");
  expect(live.manifest.rollout).toEqual(rollout);
  expect(await isSpreading(disk, home, live.manifest)).toBe(true);
  await expect(publish("three")).rejects.toThrow("is being published in stages (5%, 100%)");
  expect(await publish("two")).toMatchObject({ kind: "unchanged" });
  await finish(disk, home, live.manifest.version);
  expect(await publish("three")).toMatchObject({ kind: "published" });
});

test("superseded, the former content comes first as a version of its own", async () => {
  const first = await publish("one", { message: "one" });
  await publish("two", { message: "two", rollout });
  await publish("three", { message: "three", rollout, supersede: true });
  const version = first.kind === "published" ? first.manifest.version : 0;
  expect(await told()).toEqual([
    ["three", undefined],
    ["superseded before it had reached everyone", version],
    ["two", undefined],
    ["one", undefined],
  ]);
  const [three, restored] = await history(disk, home);
  expect(three?.parent).toBe(restored?.digest ?? "");
});

test("superseded by what was before, that is all there is to publish", async () => {
  await publish("one");
  await publish("two", { rollout });
  expect(await publish("one", { supersede: true })).toMatchObject({ kind: "published" });
  expect([await text(), (await told()).length]).toEqual(["one", 3]);
});

test("killed at any call while it supersedes, it leaves what spreads, what was before, or the new", async () => {
  await publish("one");
  await publish("two", { rollout });
  let left = 0;
  const dying = new Proxy(disk as Files, {
    get:
      (files, name: keyof Files) =>
      async (...words: readonly unknown[]) => {
        if (left-- <= 0) throw new Error("killed");
        return (files[name] as (...all: readonly unknown[]) => unknown)(...words);
      },
  });
  for (let calls = 0; calls < 400; calls++) {
    left = calls;
    try {
      await publish("three", { supersede: true }, dying);
      break;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== "killed") throw error;
    }
    expect(["one", "two", "three"]).toContain(await text());
  }
  expect(await publish("three", { supersede: true })).toBeDefined();
  expect(await text()).toBe("three");
});

test("a rollback needs no leave, and the version before stays, however few are kept", async () => {
  await publish("one", { keep: 1 });
  await publish("two", { rollout, keep: 1 });
  const former = await versionToRestore(disk, home, undefined);
  const who = { actor: "vigo", message: "back", now: new Date(1_700_000_000_000) };
  await publishTree(disk, home, restoring(former, who), me);
  expect(await text()).toBe("one");
});

test("what was decided about one version does not hit another", async () => {
  await publish("one");
  const second = await publish("two", { rollout });
  const version = second.kind === "published" ? second.manifest.version : 0;
  await publish("three", { supersede: true });
  await expect(publish("four", { over: version })).rejects.toThrow("was published meanwhile");
  expect(await text()).toBe("three");
});

test("the first version cannot be staged", () =>
  expect(publish("one", { rollout })).rejects.toThrow("cannot be published in stages"));

test("what cannot be read stops the next publish, and says how to go on", async () => {
  await publish("one");
  await publish("two", { rollout });
  await disk.writeFile(join(home, "rollout.json"), "{");
  await expect(publish("three")).rejects.toThrow("rollout.json cannot be read");
});
