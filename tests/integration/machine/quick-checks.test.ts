import { expect, test } from "bun:test";
import fs from "node:fs";
import type { Body } from "../../../src/core/bundle/body.ts";
import type { RunOptions } from "../../../src/core/converge/run-options.ts";
import { runBody } from "../../../src/core/converge/run.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { type AnyResourceType, defineResource } from "../../../src/core/resource.ts";
import { file } from "../../../src/core/resources/file.ts";
import { machine } from "../../../src/modes/agent/machine/machine.ts";
import { memoryRecords, memoryReversals } from "../../support/memory-records.ts";
import { workshop } from "./workshop.ts";

const { fresh } = workshop();
const hour = 3_600_000;

/** One machine over many runs, a clock that may be ahead, and how often a file was checked in full. */
function life(folder: string, wish: JsonObject, more: Partial<RunOptions> = {}) {
  const { records } = memoryRecords();
  let checks = 0;
  const counted = defineResource({
    ...file,
    check: (params: never, host) => {
      checks += 1;
      return file.check(params, host);
    },
  }) as AnyResourceType;
  const body: Body = {
    format: 1,
    resources: [
      { key: "a", type: "file", params: { target_path: `${folder}/a`, state: "present", ...wish } },
    ],
    secrets: [],
  };
  /** By default far enough ahead for everything to be settled. */
  return async (aheadMs = 10_000, other: Partial<RunOptions> = {}) => {
    checks = 0;
    const report = await runBody(body, {
      types: [counted],
      traitTypes: [],
      host: machine({ now: () => new Date(Date.now() + aheadMs) }),
      envoy: { id: "e", hostname: "h" },
      trait: async () => undefined,
      records,
      reversals: memoryReversals().reversals,
      policyVersion: 1,
      pause: async () => true,
      protectedPaths: [],
      program: "this one",
      ...more,
      ...other,
    });
    return `${report.outcome} ${checks}`;
  };
}

const wish = { content: "twelve bytes", mode: "0640" };

async function known(folder: string, given: JsonObject = wish) {
  const run = life(folder, given);
  expect(await run()).toBe("changed 2");
  expect(await run()).toBe("ok 1");
  expect(await run()).toBe("ok 0");
  return run;
}

const harms: Readonly<Record<string, (path: string) => void>> = {
  "another content of the same length, with the old times": (path) => {
    const { atime, mtime } = fs.statSync(path);
    fs.writeFileSync(path, "other bytes!");
    fs.utimesSync(path, atime, mtime);
  },
  "one byte in place": (path) => {
    const fd = fs.openSync(path, "r+");
    fs.writeSync(fd, "T", 0);
    fs.closeSync(fd);
  },
  "its mode": (path) => fs.chmodSync(path, 0o666),
  "nothing there": (path) => fs.unlinkSync(path),
  "another file by rename, of the same length and times": (path) => {
    const { atime, mtime } = fs.statSync(path);
    fs.writeFileSync(`${path}.new`, "other bytes!", { mode: 0o640 });
    fs.utimesSync(`${path}.new`, atime, mtime);
    fs.renameSync(`${path}.new`, path);
  },
  "another folder in place of its own": (path) => {
    const folder = path.slice(0, path.lastIndexOf("/"));
    fs.renameSync(folder, `${folder}.away`);
    fs.mkdirSync(folder);
    fs.writeFileSync(path, "other bytes!", { mode: 0o640 });
  },
};

for (const [name, harm] of Object.entries(harms))
  test(`what was right is found wrong: ${name}`, async () => {
    const folder = `${fresh()}/in`;
    fs.mkdirSync(folder);
    const run = await known(folder);
    harm(`${folder}/a`);
    expect(await run()).toBe("changed 2");
    expect(fs.readFileSync(`${folder}/a`, "utf8")).toBe(wish.content);
    expect(fs.statSync(`${folder}/a`).mode & 0o777).toBe(0o640);
  });

test("a link in its place is not taken for it", async () => {
  const folder = fresh();
  const run = await known(folder);
  fs.renameSync(`${folder}/a`, `${folder}/b`);
  fs.symlinkSync(`${folder}/b`, `${folder}/a`);
  expect(await run()).toBe("ok 1");
  expect(await run()).toBe("ok 1");
});

test("what changed a moment before it was checked is checked again", async () => {
  const run = life(fresh(), wish);
  expect(await run(0)).toBe("changed 2");
  expect(await run(0)).toBe("ok 1");
  expect(await run(0)).toBe("ok 1");
});

test("after an hour, with another program and when the clock went back, everything is checked", async () => {
  const run = await known(fresh());
  expect(await run(10_000 + hour)).toBe("ok 1");
  expect(await run(10_000 + hour)).toBe("ok 0");
  expect(await run(10_000)).toBe("ok 1");
  expect(await run(10_000, { program: "a newer one" })).toBe("ok 1");
  expect(await run(10_000, { program: "a newer one" })).toBe("ok 0");
  expect(await run(10_000, { protectedPaths: ["/etc/vigo"] })).toBe("ok 1");
});

test("a dry run learns nothing and may know", async () => {
  const folder = fresh();
  const run = life(folder, wish);
  await run();
  expect(await run(10_000, { dryRun: true })).toBe("ok 1");
  expect(await run(10_000, { dryRun: true })).toBe("ok 1");
  expect(await run()).toBe("ok 1");
  expect(await run(10_000, { dryRun: true })).toBe("ok 0");
  fs.chmodSync(`${folder}/a`, 0o600);
  expect(await run(10_000, { dryRun: true })).toBe("pending 2");
});

test("an absent file that comes back is found", async () => {
  const folder = fresh();
  const run = life(folder, { state: "absent" });
  expect(await run()).toBe("ok 1");
  expect(await run()).toBe("ok 0");
  fs.writeFileSync(`${folder}/a`, "back");
  expect(await run()).toBe("changed 2");
});

test("what is made up as it is read is always read", async () => {
  const host = machine();
  expect(host.stamp?.("/proc/self/status")).toBeUndefined();
  expect(host.stamp?.("/sys/kernel/notes")).toBeUndefined();
  expect(host.stamp?.("/etc/hostname/..")).toBeUndefined();
  expect(host.stamp?.("/nowhere/at/all")).toBeUndefined();
});

test("but a kernel parameter is what it says", async () => {
  const host = machine();
  const path = "/proc/sys/kernel/ostype";
  expect(host.stamp?.(path)).toEqual({ mark: fs.readFileSync(path, "utf8"), changedAt: 0 });
  expect(host.stamp?.("/proc/sys/kernel/random/uuid")).not.toEqual(
    host.stamp?.("/proc/sys/kernel/random/uuid"),
  );
  expect(host.stamp?.("/proc/sys/nothing")).toBeUndefined();
  expect(host.stamp?.("/proc/sys/kernel")).toBeUndefined();
  expect(host.stamp?.("/proc/sys/../self/status")).toBeUndefined();
});

test("parameters of the same body are not compared, those of another are", async () => {
  const folder = fresh();
  const run = life(folder, wish);
  const [one, other] = [{ bodyDigest: "one" }, { bodyDigest: "other" }];
  expect(await run(10_000, one)).toBe("changed 2");
  expect(await run(10_000, one)).toBe("ok 1");
  expect(await run(10_000, one)).toBe("ok 0");
  expect(await run(10_000, other)).toBe("ok 0");
  fs.writeFileSync(`${folder}/a`, "other bytes!");
  expect(await run(10_000, other)).toBe("changed 2");
});

test("another body with other parameters is checked, though nothing was touched", async () => {
  const folder = fresh();
  const { records } = memoryRecords();
  const before = life(folder, wish, { records, bodyDigest: "one" });
  await before();
  await before();
  expect(await before()).toBe("ok 0");
  const after = life(folder, { ...wish, mode: "0600" }, { records, bodyDigest: "two" });
  expect(await after()).toBe("changed 2");
  expect(fs.statSync(`${folder}/a`).mode & 0o777).toBe(0o600);
});
