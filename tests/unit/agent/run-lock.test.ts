import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processName } from "../../../src/modes/agent/process-name.ts";
import { takeLock } from "../../../src/modes/agent/run-lock.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-test-"));
});
afterAll(() => rm(room, { recursive: true, force: true }));

test("one at a time, named, and free again when released", () => {
  const path = join(room, "home", "run.lock");
  const lock = takeLock(path);
  expect(() => takeLock(path)).toThrow(`another run is going on (process ${process.pid})`);
  lock.release();
  takeLock(path).release();
});

test("the lock of a process that died is taken over, also when its number was given out again", async () => {
  const dead = Bun.spawnSync(["true"]).pid;
  for (const holder of [`${dead} 1`, `${process.pid} 1`]) {
    const path = join(room, crypto.randomUUID());
    await symlink(holder, path);
    const lock = takeLock(path);
    expect(await readlink(path)).toBe(processName());
    lock.release();
  }
});

test("who was pushed aside releases nothing that is not its own", async () => {
  const path = join(room, "pushed");
  const lock = takeLock(path);
  await rm(path);
  await symlink("1 1", path);
  lock.release();
  expect(await readlink(path)).toBe("1 1");
});
