/** Where first values are kept: on disk at once, by many at a time, and told when it is damaged. */
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reversalsIn } from "../../../src/modes/agent/reversal-file.ts";

const room = await mkdtemp(join(tmpdir(), "vigo-reversals-"));
afterAll(() => rm(room, { recursive: true }));
let homes = 0;
const home = () => join(room, String(++homes));

test("what was kept is there for the next process, and for nobody else to read", async () => {
  const at = home();
  const first = reversalsIn(at);
  expect(await first.of("a/name")).toBeUndefined();
  await first.keep("a/name", { former: { hostname: "old" } });
  await first.keep("a/zone", { former: null });
  expect(await reversalsIn(at).of("a/name")).toEqual({ former: { hostname: "old" } });
  expect(await reversalsIn(at).of("a/zone")).toEqual({ former: null });
  expect((await stat(join(at, "reversals.json"))).mode & 0o777).toBe(0o600);
  await first.keep("a/name", undefined);
  expect(await first.of("a/name")).toBeUndefined();
  expect(await reversalsIn(at).of("a/name")).toBeUndefined();
});

test("many at a time lose nothing", async () => {
  const at = home();
  const kept = reversalsIn(at);
  const keys = Array.from({ length: 50 }, (_, n) => `a/${n}`);
  await Promise.all(keys.map((key) => kept.keep(key, { settled: key })));
  const again = reversalsIn(at);
  expect(await Promise.all(keys.map(async (key) => (await again.of(key))?.settled))).toEqual(keys);
});

test("the oldest go when there are too many", async () => {
  const at = home();
  await reversalsIn(at).keep("first", { settled: "x" });
  const many = Object.fromEntries(
    Array.from({ length: 2000 }, (_, n) => [`a/${n}`, { settled: "x" }]),
  );
  const old = JSON.parse(await readFile(join(at, "reversals.json"), "utf8")) as object;
  await writeFile(join(at, "reversals.json"), JSON.stringify({ ...old, ...many }));
  const kept = reversalsIn(at);
  await kept.keep("last", { settled: "x" });
  expect(await kept.of("first")).toBeUndefined();
  expect((await kept.of("last"))?.settled).toBe("x");
});

test.each(["{", "[1]", '{"a": 1}', '{"a": {"former": "x"}}', '{"a": {"settled": 1}}'])(
  "%s is damaged, and nothing is written over it",
  async (text) => {
    const at = home();
    await reversalsIn(at).keep("a", undefined);
    await writeFile(join(at, "reversals.json"), text);
    const kept = reversalsIn(at);
    await expect(kept.of("a")).rejects.toThrow("is damaged");
    await expect(kept.keep("b", { settled: "x" })).rejects.toThrow("is damaged");
    expect(await readFile(join(at, "reversals.json"), "utf8")).toBe(text);
  },
);
