import { expect, test } from "bun:test";
import { overBudget, readPublishSettings } from "../../../src/core/publish/settings.ts";

const read = (text: string) => readPublishSettings(text, "server.yaml");

test("what publishing takes from server.yaml, whatever else is in it", () => {
  expect(read("")).toMatchObject({ keep: 50 });
  expect(read("publish:\n")).toMatchObject({ keep: 50 });
  expect(read("server: {hostname: x}\npublish: {max_envoys: 0, keep: 3}\n")).toMatchObject({
    keep: 3,
    max_envoys: 0,
  });
});

test.each([
  ["publish: {max_envoys: many}", "max_envoys"],
  ["publish: {keep: 0}", "keep"],
  ["publish: {rollback_threshold: 0.8}", "rollback_threshold"],
  ["publish: [", "server.yaml"],
])("%s is refused", (text, told) => expect(() => read(text)).toThrow(told));

const plan = (changed: number, removed: number) => ({
  envoys: { known: 9, changed, unchanged: 0, unresolved: 0 },
  resources: { removed, changed: 0, added: 0 },
});

test.each([
  [{ max_envoys: 3 }, plan(3, 99), 0],
  [{ max_envoys: 3 }, plan(4, 0), 1],
  [{ max_deletions: 0 }, plan(9, 1), 1],
  [{ max_envoys: 0, max_deletions: 0 }, plan(1, 1), 2],
  [{}, plan(9, 9), 0],
])("%j", (budget, of, lines) => expect(overBudget(of, budget)).toHaveLength(lines));
