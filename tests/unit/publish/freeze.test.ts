import { afterEach, beforeEach, expect, test } from "bun:test";
import * as files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  freezeEnd,
  freezeInForce,
  lastFreeze,
  liftFreeze,
  writeFreeze,
} from "../../../src/core/publish/freeze.ts";

let home = "";
beforeEach(async () => {
  home = await files.mkdtemp(join(tmpdir(), "vigo-freeze-"));
});
afterEach(() => files.rm(home, { recursive: true }));

const noon = new Date("2026-01-01T12:00:00.000Z");
const later = (ms: number) => new Date(noon.getTime() + ms);
const kept = {
  until: "2026-01-01T13:00:00.000Z",
  reason: "r",
  actor: "dana",
  at: noon.toISOString(),
};

test("a freeze holds until its end, or until it is lifted", async () => {
  expect(await freezeInForce(files, home, noon)).toBeUndefined();
  await writeFreeze(files, home, kept);
  expect(await freezeInForce(files, home, later(3_599_000))).toEqual(kept);
  expect(await freezeInForce(files, home, later(3_600_000))).toBeUndefined();
  await expect(liftFreeze(files, home, "root", later(3_600_000))).rejects.toThrow("not frozen");
  await liftFreeze(files, home, "root", noon);
  expect(await freezeInForce(files, home, noon)).toBeUndefined();
  expect(await lastFreeze(files, home)).toMatchObject({ ...kept, lifted: { actor: "root" } });
});

test("a file that cannot be read stops everything, and unfreeze is the way out", async () => {
  await files.writeFile(join(home, "freeze.json"), "{}");
  await expect(freezeInForce(files, home, noon)).rejects.toThrow("cannot be read");
  await liftFreeze(files, home, "root", noon);
  expect(await freezeInForce(files, home, noon)).toBeUndefined();
});

test.each([
  ["90m", "2026-01-01T13:30:00.000Z"],
  ["2026-01-02T00:00:00Z", "2026-01-02T00:00:00.000Z"],
])("%s is an end", (written, end) => expect(freezeEnd(written, noon).toISOString()).toBe(end));

test.each(["soon", "2025-12-31T00:00:00Z", "400d"])("%s is none", (written) =>
  expect(() => freezeEnd(written, noon)).toThrow(),
);
