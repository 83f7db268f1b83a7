import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { type Collected, collectTraits, traitValues } from "../../src/core/collect.ts";
import { VigoError } from "../../src/core/errors.ts";
import type { Once } from "../../src/core/tools/once.ts";
import { defineTrait, type Keep } from "../../src/core/trait.ts";
import { fakeHost } from "../support/fake-host.ts";

const value = z.strictObject({ n: z.int().meta({ description: "A number." }) });

/** A trait that gives 1, 2, 3, … or whatever `say` says. */
function counting(
  name: string,
  keep: Keep,
  say?: (n: number) => Promise<{ n: number } | undefined>,
) {
  let calls = 0;
  return defineTrait({
    name,
    summary: "Counts.",
    platforms: ["linux"],
    keep,
    timeoutMs: 20,
    value,
    collect: () => {
      calls++;
      return say?.(calls) ?? Promise.resolve({ n: calls });
    },
    example: { n: 1 },
  });
}

const boot = "/proc/sys/kernel/random/boot_id";
const at = (minutes: number, bootId = "one") => ({
  ...fakeHost({ files: { [boot]: bootId } }).host,
  now: () => new Date(minutes * 60_000),
});
const numbers = ({ sections }: Collected) =>
  Object.fromEntries(sections.map((section) => [section.name, section.value]));

describe("what is due", () => {
  test("run: always · hour: after one · boot: after a restart or ten cycles", async () => {
    const traits = [counting("r", "run"), counting("h", "hour"), counting("b", "boot")];
    let last = await collectTraits(traits, at(0));
    for (let cycle = 1; cycle <= 9; cycle++)
      last = await collectTraits(traits, at(cycle), { previous: last.sections });
    expect(numbers(last)).toEqual({ r: { n: 10 }, h: { n: 1 }, b: { n: 1 } });

    last = await collectTraits(traits, at(10), { previous: last.sections });
    expect(numbers(last)).toEqual({ r: { n: 11 }, h: { n: 1 }, b: { n: 2 } });
    last = await collectTraits(traits, at(60), { previous: last.sections });
    expect(numbers(last)).toEqual({ r: { n: 12 }, h: { n: 2 }, b: { n: 2 } });
    last = await collectTraits(traits, at(61, "two"), { previous: last.sections });
    expect(numbers(last)).toEqual({ r: { n: 13 }, h: { n: 2 }, b: { n: 3 } });
  });

  test("a clock set back makes kept ones due", async () => {
    const traits = [counting("h", "hour")];
    const { sections } = await collectTraits(traits, at(90));
    const back = await collectTraits(traits, at(30), { previous: sections });
    expect(numbers(back)).toEqual({ h: { n: 2 } });
  });

  test("`only` leaves the others as they are; `force` waits for nothing", async () => {
    const traits = [counting("a", "run"), counting("b", "run"), counting("c", "boot")];
    const { sections } = await collectTraits(traits, at(0));
    const some = await collectTraits(traits, at(1), { previous: sections, only: new Set(["b"]) });
    expect(numbers(some)).toEqual({ a: { n: 1 }, b: { n: 2 }, c: { n: 1 } });
    const all = await collectTraits(traits, at(1), { previous: some.sections, force: true });
    expect(numbers(all)).toEqual({ a: { n: 2 }, b: { n: 3 }, c: { n: 2 } });
  });

  test("what the registry has no more is forgotten, and other platforms' traits are not asked", async () => {
    const { sections } = await collectTraits([counting("gone", "boot")], at(0));
    const mac = { ...counting("mac", "run"), platforms: ["darwin"] as const };
    const next = await collectTraits([mac], at(1), { previous: sections });
    expect(next.sections).toEqual([]);
  });
});

describe("what fails", () => {
  const failing = (n: number) =>
    n === 1 ? Promise.resolve({ n }) : Promise.reject(new VigoError("failed", "no such sensor"));

  test("costs only itself, keeps its last value as stale, and is tried again", async () => {
    const traits = [counting("bad", "boot", failing), counting("good", "run")];
    const first = await collectTraits(traits, at(0));
    const second = await collectTraits(traits, at(5), { previous: first.sections, force: true });
    expect(second.failures).toMatchObject([{ name: "bad", reason: "no such sensor" }]);
    expect(second.sections).toMatchObject([
      { name: "bad", value: { n: 1 }, stale: true, collectedAt: 0 },
      { name: "good", value: { n: 2 }, stale: false, collectedAt: 300_000 },
    ]);
    const third = await collectTraits(traits, at(6), { previous: second.sections });
    expect(third.failures).toHaveLength(1);
  });

  test("without a last value there is no section", async () => {
    const never = counting("never", "run", () => Promise.reject(new Error("a bug")));
    const { sections, failures } = await collectTraits([never], at(0));
    expect(sections).toEqual([]);
    expect(failures).toMatchObject([{ name: "never", reason: "internal error" }]);
  });

  test("one that takes too long is left behind", async () => {
    const slow = counting("slow", "run", () => new Promise<never>(() => {}));
    const { failures } = await collectTraits([slow, counting("good", "run")], at(0));
    expect(failures).toMatchObject([{ name: "slow", reason: "took longer than 20 ms" }]);
  });

  test("with patience, one that takes longer is stale for now, and is told when it is done", async () => {
    const { promise: answer, resolve } = Promise.withResolvers<{ n: number }>();
    const slow = counting("slow", "run", (n) => (n === 1 ? Promise.resolve({ n }) : answer));
    const all = [{ ...slow, timeoutMs: 5_000 }, counting("good", "run")];
    const { sections: previous } = await collectTraits(all, at(0));
    const late: [string, Promise<Collected>][] = [];
    const patience = { ms: 20, late: (...told: (typeof late)[number]) => void late.push(told) };
    const { sections, failures } = await collectTraits(all, at(5), { previous, patience });
    expect(sections).toMatchObject([
      { name: "slow", value: { n: 1 }, stale: true, collectedAt: 0 },
      { name: "good", value: { n: 2 }, stale: false },
    ]);
    expect(failures).toMatchObject([
      { name: "slow", reason: "took longer than 20 ms; it goes on" },
    ]);
    resolve({ n: 7 });
    expect(late.map(([name]) => name)).toEqual(["slow"]);
    expect(await late[0]?.[1]).toMatchObject({
      sections: [{ name: "slow", value: { n: 7 }, stale: false }],
      failures: [],
    });
  });

  test("a collector that throws at once, and one that gives another shape", async () => {
    const throwing = counting("throwing", "run", () => {
      throw new VigoError("failed", "at once");
    });
    const odd = counting("odd", "run", async () => ({ n: 1.5 }));
    const { failures } = await collectTraits([throwing, odd], at(0));
    expect(failures.map(({ name }) => name).sort()).toEqual(["odd", "throwing"]);
    expect(failures.find(({ name }) => name === "odd")?.reason).toContain("not of its shape: n");
  });
});

describe("a collector of several parts", () => {
  const parts = (failing: readonly string[]) =>
    defineTrait({
      name: "parts",
      summary: "Parts.",
      platforms: ["linux"],
      keep: "hour",
      value: z.record(z.string(), z.int()),
      async collect(_, { previous, failed }) {
        const names = ["a", "b"];
        for (const name of names)
          if (failing.includes(name)) failed(name, new VigoError("failed", "no answer"));
        const told = names.map((name) =>
          failing.includes(name) ? [name, previous?.[name]] : [name, (previous?.[name] ?? 0) + 1],
        );
        return Object.fromEntries(told.filter(([, n]) => n !== undefined)) as Record<
          string,
          number
        >;
      },
      example: {},
    });

  test("is told its last value; what fails is said, the rest is new, and all is tried again", async () => {
    const first = await collectTraits([parts([])], at(0));
    const second = await collectTraits([parts(["b"])], at(60), { previous: first.sections });
    expect(numbers(second)).toEqual({ parts: { a: 2, b: 1 } });
    expect(second.sections[0]).toMatchObject({ stale: true });
    expect(second.failures).toMatchObject([{ name: "parts.b", reason: "no answer" }]);
    const third = await collectTraits([parts([])], at(61), { previous: second.sections });
    expect(numbers(third)).toEqual({ parts: { a: 3, b: 2 } });
    expect(third.sections[0]).toMatchObject({ stale: false });
  });

  test("a last value of another shape, as from an older agent, is none", async () => {
    const [kept] = (await collectTraits([parts([])], at(0))).sections;
    if (kept === undefined) throw new Error("no section");
    const previous = [{ ...kept, value: { a: "one" } }];
    expect(numbers(await collectTraits([parts([])], at(60), { previous }))).toEqual({
      parts: { a: 1, b: 1 },
    });
  });
});

test("a section that is too big to be sent costs only itself", async () => {
  const big = defineTrait({
    name: "big",
    summary: "Big.",
    platforms: ["linux"],
    keep: "run",
    value: z.array(z.string()),
    collect: async () => Array.from({ length: 2_000 }, () => "x".repeat(600)),
    example: [],
  });
  const found = await collectTraits([big, counting("small", "run")], at(0));
  expect(numbers(found)).toEqual({ small: { n: 1 } });
  expect(found.failures).toMatchObject([{ name: "big", reason: "larger than 1024 KiB" }]);
});

test("what this machine has not is null for the wire and missing for conditions", async () => {
  const none = counting("none", "boot", async () => undefined);
  const { sections } = await collectTraits([none, counting("some", "run")], at(0));
  expect(sections.map(({ value }) => value)).toEqual([null, { n: 1 }]);
  expect(traitValues(sections)).toEqual({ some: { n: 1 } });
});

test("equal values have equal hashes", async () => {
  const hash = async () => (await collectTraits([counting("x", "run")], at(0))).sections[0]?.hash;
  expect(await hash()).toMatch(/^[0-9a-f]{64}$/);
  expect(await hash()).toBe(await hash());
});

describe("on another system", () => {
  const loaded: string[] = [];
  const both = (name: string, timeoutMs = 20) => ({
    ...counting(name, "run"),
    timeoutMs,
    elsewhere: {
      darwin: () => {
        loaded.push(name);
        return async (_: unknown, { once }: { once: Once }) => ({
          n: await once("the answer", async () => 40 + ++asked),
        });
      },
    },
  });
  let asked = 0;
  const mac = () => fakeHost({ os: { platform: "darwin", family: "darwin" } }).host;

  test("what is for it is loaded and collects; elsewhere nothing of it is", async () => {
    expect(numbers(await collectTraits([both("a")], at(0)))).toEqual({ a: { n: 1 } });
    expect(loaded).toEqual([]);
    expect(numbers(await collectTraits([both("a")], mac()))).toEqual({ a: { n: 41 } });
    expect(loaded).toEqual(["a"]);
    const windows = fakeHost({ os: { platform: "windows", family: "windows" } }).host;
    expect((await collectTraits([both("a")], windows)).sections).toEqual([]);
  });

  test("what several ask is asked once a collection", async () => {
    asked = 0;
    expect(numbers(await collectTraits([both("a"), both("b")], mac()))).toEqual({
      a: { n: 41 },
      b: { n: 41 },
    });
    expect(numbers(await collectTraits([both("b")], mac()))).toEqual({ b: { n: 42 } });
  });

  test("who asks programs has the time that they take", async () => {
    const slow = {
      ...counting("slow", "run", () => Bun.sleep(60).then(() => ({ n: 1 }))),
      elsewhere: { darwin: () => () => Bun.sleep(60).then(() => ({ n: 7 })) },
    };
    expect((await collectTraits([slow], at(0))).failures).toHaveLength(1);
    expect(numbers(await collectTraits([slow], mac()))).toEqual({ slow: { n: 7 } });
  });
});
