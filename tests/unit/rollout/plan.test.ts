import { expect, test } from "bun:test";
import { Cohorts } from "../../../src/core/rollout/cohort.ts";
import {
  printGate,
  readPlan,
  rolloutPlan,
  type WrittenPlan,
} from "../../../src/core/rollout/plan.ts";
import vectors from "../../vectors/in-percent.json";

test("what is left out has its default, and everyone comes last", () => {
  expect(readPlan({ canary: "5%" })).toEqual({
    stages: [5, 100],
    hold_ms: 600_000,
    gates: [],
    min_ran: 80,
    salt: "canary",
  });
});

test("all flags", () => {
  const plan = readPlan({
    canary: "0.5%",
    more: "25%, 100%",
    hold: "90s",
    gate: "failed<1%,offline <= 2.5%",
    minRan: "50%",
    salt: "tuesday",
  });
  expect(plan).toMatchObject({ stages: [0.5, 25, 100], hold_ms: 90_000, min_ran: 50 });
  expect(plan.gates.map(printGate)).toEqual(["failed<1%", "offline<=2.5%"]);
  expect(rolloutPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
});

test.each<[WrittenPlan, string]>([
  [{ canary: "5" }, '--canary: "5" is no part of the fleet'],
  [{ canary: "0%" }, "--canary"],
  [{ canary: "101%" }, "--canary"],
  [{ canary: "5%", more: "25%;50%" }, "--then"],
  [{ canary: "5%", more: "5%" }, "--then: the parts must grow: 5%, 5%, 100%"],
  [{ canary: "50%", more: "25%,100%" }, "the parts must grow"],
  [{ canary: "100%", more: "100%" }, "the parts must grow"],
  [{ canary: "1%", more: Array.from({ length: 21 }, (_, n) => `${n + 2}%`).join() }, "at most 20"],
  [{ canary: "5%", hold: "10" }, '--hold: "10" is no duration'],
  [{ canary: "5%", hold: "100ms" }, "must be from 1s to 7d"],
  [{ canary: "5%", hold: "8d" }, "must be from 1s to 7d"],
  [{ canary: "5%", gate: "failed" }, '--gate: "failed" is no gate'],
  [{ canary: "5%", gate: "faild<1%" }, 'unknown metric "faild", did you mean "failed"?'],
  [{ canary: "5%", gate: "failed>1%" }, "a gate says how few there must be"],
  [{ canary: "5%", gate: "failed<101%" }, "more than 100%"],
  [{ canary: "5%", gate: "failed<1" }, "is no gate"],
  [{ canary: "5%", gate: Array.from({ length: 11 }, () => "failed<1%").join() }, "at most 10"],
  [{ canary: "5%", minRan: "most" }, "--min-ran"],
  [{ canary: "5%", salt: "" }, "--cohort-salt"],
])("%j is refused", (written, told) => expect(() => readPlan(written)).toThrow(told));

test.each(vectors.vectors)("$envoy with the salt '$salt' is where in_percent has it", (vector) => {
  if (vector.salt === "") return;
  const stages = Object.keys(vector.inside)
    .map(Number)
    .filter((percent) => percent > 0)
    .sort((a, b) => a - b);
  const plan = rolloutPlan.parse({ ...readPlan({ canary: "1%" }), stages, salt: vector.salt });
  for (const [stage, percent] of stages.entries()) {
    const inside = (vector.inside as Readonly<Record<string, boolean>>)[String(percent)];
    expect([percent, new Cohorts(plan).holds(stage, vector.envoy)]).toEqual([
      percent,
      inside ?? false,
    ]);
  }
});

test("a stage is the part that in_percent gives, and holds the ones before", () => {
  const plan = readPlan({ canary: "5%", more: "25%", salt: "canary" });
  const cohorts = new Cohorts(plan);
  const ids = Array.from({ length: 10_000 }, (_, n) => `envoy-${n}`);
  const parts = [0, 1, 2].map((stage) => ids.filter((id) => cohorts.holds(stage, id)));
  const [first = [], second = [], all = []] = parts;
  expect(first.length / 100).toBeWithin(4, 6);
  expect(second.length / 100).toBeWithin(23.5, 26.5);
  expect(all).toEqual(ids);
  expect(first.every((id) => second.includes(id))).toBe(true);
  const other = new Cohorts(readPlan({ canary: "5%", salt: "other" }));
  expect(ids.filter((id) => other.holds(0, id))).not.toEqual(first);
});

const uuid = (n: number) => `8c1d3a52-0d5f-4a53-9f53-${String(n).padStart(12, "0")}`;
const cohort = (of: number, ...chosen: readonly number[]) => ({
  where: "is_container",
  envoys: chosen.map(uuid),
  of,
});

test("a cohort comes first, whoever is in it, and each part after it holds it", () => {
  const plan = readPlan({ cohort: cohort(1000, 3, 500, 997), more: "25%" });
  expect(plan.stages).toEqual([0.3, 25, 100]);
  expect(rolloutPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  const cohorts = new Cohorts(plan);
  const ids = Array.from({ length: 1000 }, (_, n) => uuid(n));
  const [first, second, all] = [0, 1, 2].map((stage) =>
    ids.filter((id) => cohorts.holds(stage, id)),
  );
  expect(first).toEqual([3, 500, 997].map(uuid));
  expect(second?.length).toBeWithin(200, 300);
  expect(second).toEqual(expect.arrayContaining(first ?? []));
  expect(all).toEqual(ids);
});

test("a cohort that is everybody is the whole fleet", () =>
  expect(readPlan({ cohort: cohort(2, 0, 1) }).stages).toEqual([100]));

test.each<[WrittenPlan, string]>([
  [{ cohort: cohort(7) }, "--cohort: the condition chooses none of 7 envoys"],
  [
    { cohort: cohort(5000, ...Array.from({ length: 1001 }, (_, n) => n)) },
    "--cohort: the condition chooses 1001 envoys, and 1000 are the most",
  ],
  [{ cohort: cohort(10, 1, 2, 3), more: "25%" }, "--then: the parts must grow: 30%, 25%, 100%"],
])("%# is refused", (written, told) => expect(() => readPlan(written)).toThrow(told));
