import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readPlan } from "../../../src/core/rollout/plan.ts";
import { intervalMs, type Ran, type Scenario, simulate } from "./simulated-fleet.ts";

const envoys = 10_000;
/** A stable random number from 0 to 1 of an envoy. */
const lot = (n: number, salt: number): number =>
  Number(Bun.hash.wyhash(`${n}`, BigInt(salt)) % 1_000_000n) / 1_000_000;
const good: Ran = { failed: [], changed: true };
const steady: Ran = { failed: [], changed: false };
const fails = (...keys: readonly string[]): Ran => ({ failed: keys, changed: true });
const staged = readPlan({ canary: "5%", more: "25%", hold: "15m", gate: "failed<1%" });
const byHealth = readPlan({ canary: "5%", more: "25%", hold: "15m" });

const kinds = [
  ["to everyone", undefined],
  ["in stages with a gate", staged],
  ["in stages without one", byHealth],
] as const;

describe.each(kinds)("published %s", (_, plan) => {
  const base = { envoys, ...(plan === undefined ? {} : { plan }) };
  const published = (run: Scenario["run"], more: Partial<Scenario> = {}) =>
    simulate({ ...base, run, ...more });

  test("a good publish that changes every envoy stays", () => {
    const { rollout, reached } = published(() => good);
    expect([rollout.end?.outcome, reached]).toEqual(["done", envoys]);
  });

  test("a bad one that breaks every envoy is taken back", () => {
    const { rollout, reached, afterMs } = published((_, v) => (v === 2 ? fails("a/b") : steady));
    expect(rollout.end?.outcome).toBe("halted");
    expect(afterMs).toBeLessThan(plan === undefined ? 2 * intervalMs : 3 * intervalMs);
    if (plan !== undefined) expect(reached).toBeLessThan(envoys * 0.07);
  });

  test("one that breaks a third is taken back", () => {
    const run = (n: number, v: 1 | 2) => (v === 2 && lot(n, 1) < 0.33 ? fails("a/b") : good);
    expect(published(run).rollout.end?.outcome).toBe("halted");
  });

  test("a restart at every step changes nothing", () => {
    for (const run of [() => good, (_: number, v: 1 | 2) => (v === 2 ? fails("a/b") : steady)])
      expect(published(run, { restarts: true, stepMs: 30_000 })).toEqual(
        published(run, { stepMs: 30_000 }),
      );
  });

  test("that the server was away for hours says nothing about the publish", () => {
    const away = [4 * 60_000, 5 * 3_600_000] as const;
    expect(published(() => good, { away }).rollout.end?.outcome).toBe("done");
    const bad = published((_, v) => (v === 2 ? fails("a/b") : steady), { away });
    expect(bad.rollout.end?.outcome).toBe("halted");
  });

  test("a tenth of the fleet is silent for ever", () => {
    const isSilent = (n: number) => lot(n, 9) < 0.1;
    expect(published(() => good, { isSilent }).rollout.end?.outcome).toBe("done");
  });
});

describe("what was broken before", () => {
  const sick = (n: number) => lot(n, 2) < 0.4;

  test("does not count against a good publish", () => {
    const run = (n: number): Ran => (sick(n) ? fails("old/one") : good);
    const { rollout } = simulate({ envoys, run });
    expect(rollout.end?.outcome).toBe("done");
    expect(simulate({ envoys, run, plan: byHealth }).rollout.end?.outcome).toBe("done");
  });

  test("does not hide what breaks now", () => {
    const run = (n: number, v: 1 | 2): Ran => {
      if (v === 1) return sick(n) ? fails("old/one") : steady;
      return sick(n) ? fails("old/one", "new/one") : fails("new/one");
    };
    expect(simulate({ envoys, run }).rollout.end?.outcome).toBe("halted");
  });

  test("nor does a publish that mends it count as worse for the rest", () => {
    const run = (n: number, v: 1 | 2): Ran => (v === 1 && sick(n) ? fails("old/one") : good);
    expect(simulate({ envoys, run }).rollout.end?.outcome).toBe("done");
  });
});

test("failures are told at once and success later; the share decides all the same", () => {
  // Nothing changes on most, so that they say nothing until their next check-in; a seventh has a new resource, which fails.
  const run = (n: number, v: 1 | 2): Ran => (v === 2 && lot(n, 3) < 0.15 ? fails("a/b") : steady);
  for (const stepMs of [1_000, 10_000])
    expect(simulate({ envoys: 2_000, run, stepMs }).rollout.end?.outcome).toBe("done");
});

test("new envoys, of which nobody knows how they were before, do not make the fleet look worse", () => {
  const isNew = (n: number) => lot(n, 4) < 0.5;
  const run = (n: number): Ran => (isNew(n) && lot(n, 5) < 0.2 ? fails("a/b") : good);
  expect(simulate({ envoys, run, isNew }).rollout.end?.outcome).toBe("done");
});

test("threshold 0 never takes anything back", () => {
  const { rollout } = simulate({
    envoys: 500,
    run: (_, v) => (v === 2 ? fails("x") : good),
    threshold: 0,
  });
  expect(rollout.end?.outcome).toBe("done");
});

test("fewer than five envoys decide nothing, five do", () => {
  const run = (_: number, v: 1 | 2): Ran => (v === 2 ? fails("x") : good);
  expect(simulate({ envoys: 4, run }).rollout.end?.outcome).toBe("done");
  expect(simulate({ envoys: 5, run }).rollout.end?.outcome).toBe("halted");
});

test("a part that does not call is not widened", () => {
  const plan = readPlan({ canary: "10%", hold: "15m", gate: "failed<1%" });
  const halted = simulate({ envoys: 3, run: () => good, plan, isSilent: () => true });
  expect(halted.rollout.end).toMatchObject({
    outcome: "halted",
    why: expect.stringContaining("is online"),
  });
  expect(halted.afterMs).toBe(45 * 60_000);
});

test("any good publish stays and any bad one goes, staged or not", () => {
  const facts = fc.record({
    seed: fc.integer({ min: 10, max: 1_000_000 }),
    sick: fc.double({ min: 0, max: 0.5, noNaN: true }),
    noise: fc.double({ min: 0, max: 0.05, noNaN: true }),
    breaks: fc.double({ min: 0.35, max: 1, noNaN: true }),
    changes: fc.double({ min: 0, max: 1, noNaN: true }),
    plan: fc.constantFrom(undefined, byHealth),
  });
  fc.assert(
    fc.property(facts, ({ seed, sick, noise, breaks, changes, plan }) => {
      const run =
        (broken: number) =>
        (n: number, v: 1 | 2): Ran => {
          const keys = lot(n, seed) < sick ? ["old/one"] : [];
          if (v === 2 && lot(n, seed + 1) < broken) keys.push("new/one");
          return { failed: keys, changed: lot(n, seed + 2) < changes };
        };
      const common = { envoys: 2_000, stepMs: 20_000, ...(plan && { plan }) };
      expect(simulate({ ...common, run: run(noise) }).rollout.end?.outcome).toBe("done");
      expect(simulate({ ...common, run: run(breaks) }).rollout.end?.outcome).toBe("halted");
    }),
    { numRuns: 15 },
  );
});
