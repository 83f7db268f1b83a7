import { describe, expect, test } from "bun:test";
import { readPlan } from "../../../src/core/rollout/plan.ts";
import { advance, begin, type Rollout, type Rules } from "../../../src/core/rollout/rollout.ts";
import { enough, type Tally } from "../../../src/core/rollout/tally.ts";

const rules: Rules = { threshold: 80, watchMs: 660_000, settleMs: 660_000 };
const start = 1_000_000_000;
const minute = 60_000;

/** Of a part that has run it whole and well, but for what is given. */
const tally = (more: Partial<Tally> = {}): Tally => {
  const ran = more.ran ?? 100;
  return {
    online: 100,
    online_ran: ran,
    ran,
    failed: 0,
    blocked: 0,
    degraded: 0,
    drift: 0,
    offline: 0,
    counted: ran,
    healthy: ran - (more.degraded ?? 0),
    known: ran,
    healthy_before: ran,
    ...more,
  };
};

/** Watched all the time until then. */
const at = (rollout: Rollout, afterMs: number, seen: Tally) =>
  advance({ ...rollout, at: start + afterMs }, seen, rules, start + afterMs);

describe("stages", () => {
  const plan = readPlan({
    canary: "5%",
    more: "25%",
    hold: "10m",
    gate: "failed<1%,offline<=5%",
  });
  const rollout = begin(7, plan, start);

  test.each<[string, number, Tally, string]>([
    ["too early, and well", 9 * minute, tally(), "hold"],
    ["its time is over", 10 * minute, tally(), "widen"],
    ["too few have run it", 10 * minute, tally({ online_ran: 79 }), "hold"],
    ["enough have run it", 10 * minute, tally({ online_ran: 80 }), "widen"],
    ["a gate is broken before its time", 1 * minute, tally({ failed: 1 }), "halt"],
    [
      "a gate is broken, but by too few to say so",
      20 * minute,
      tally({ failed: 9, online_ran: 79 }),
      "hold",
    ],
    ["< does not take what is equal", 1 * minute, tally({ failed: 1 }), "halt"],
    ["<= takes what is equal", 10 * minute, tally({ offline: 5 }), "widen"],
    ["<= does not take more", 10 * minute, tally({ offline: 6 }), "halt"],
    [
      "what no gate asks for does not matter",
      10 * minute,
      tally({ blocked: 99, healthy: 0 }),
      "widen",
    ],
    ["too few for three holds", 30 * minute, tally({ online_ran: 79 }), "halt"],
    ["nobody is online", 10 * minute, tally({ online: 0, online_ran: 0 }), "hold"],
    ["nobody is online for three holds", 30 * minute, tally({ online: 0, online_ran: 0 }), "halt"],
  ])("%s", (_, afterMs, seen, wanted) => {
    const { decision, rollout: after } = at(rollout, afterMs, seen);
    expect(decision.kind).toBe(wanted as typeof decision.kind);
    expect(after.end?.outcome).toBe(wanted === "halt" ? "halted" : undefined);
    expect(after.stage).toBe(wanted === "widen" ? 1 : 0);
  });

  test("the last one ends it, after its own hold", () => {
    const last = { ...rollout, stage: 2 };
    expect(at(last, 9 * minute, tally()).decision.kind).toBe("hold");
    expect(at(last, 10 * minute, tally()).rollout.end).toMatchObject({ outcome: "done" });
  });

  test("the reason names the gate and the figures", () => {
    const { decision } = at(rollout, minute, tally({ ran: 90, failed: 3 }));
    expect(decision).toMatchObject({
      why: "the gate failed<1% is broken: 3 of 90 envoys, 3.33%",
    });
    const { decision: few } = at(rollout, 30 * minute, tally({ online_ran: 12 }));
    expect(few).toMatchObject({
      why: "only 12 of the 100 online envoys of the first 5% of the fleet have run it, less than 80%",
    });
  });

  test("without a gate the health of the part decides, however small it is", () => {
    const byHealth = begin(7, readPlan({ canary: "5%" }), start);
    const seen = (healthy: number) => tally({ online: 3, ran: 3, degraded: 3 - healthy });
    expect(at(byHealth, minute, seen(3)).decision.kind).toBe("hold");
    expect(at(byHealth, minute, seen(2)).decision.kind).toBe("halt");
  });
});

describe("to everyone", () => {
  const rollout = begin(7, undefined, start);

  test.each<[string, Tally, string]>([
    ["four of four are broken", tally({ online: 4, ran: 4, degraded: 4 }), "hold"],
    ["five of five are", tally({ online: 5, ran: 5, degraded: 5 }), "halt"],
    ["less than a tenth has run it", tally({ online: 100, ran: 9, degraded: 9 }), "hold"],
    ["a tenth has", tally({ online: 100, ran: 10, degraded: 10 }), "halt"],
    ["health is at the threshold", tally({ degraded: 20 }), "hold"],
    ["health is below it", tally({ degraded: 21 }), "halt"],
    ["it was no better before", tally({ degraded: 40, healthy_before: 60 }), "hold"],
    ["it was better before", tally({ degraded: 60, healthy_before: 60 }), "halt"],
    [
      "nobody knows how it was before",
      tally({ degraded: 20, known: 0, healthy_before: 0 }),
      "hold",
    ],
    ["nobody who broke counts", tally({ counted: 0, healthy: 0, degraded: 100 }), "hold"],
  ])("%s", (_, seen, wanted) => {
    expect(at(rollout, minute, seen).decision.kind).toBe(
      wanted as ReturnType<typeof at>["decision"]["kind"],
    );
  });

  test("its watch ends", () => {
    expect(at(rollout, rules.watchMs - 1, tally()).decision.kind).toBe("hold");
    expect(at(rollout, rules.watchMs, tally()).decision.kind).toBe("done");
    expect(at(rollout, rules.watchMs, tally({ degraded: 50 })).decision.kind).toBe("halt");
  });
});

test("time in which nobody watched does not count, and then the fleet gets its time to call", () => {
  const before = begin(7, undefined, start);
  const back = start + 3_600_000;
  const dead = tally({ degraded: 100 });
  const first = advance(before, dead, rules, back);
  expect([first.decision.kind, first.rollout.quiet_until]).toEqual(["hold", back + 660_000]);
  const soon = advance({ ...first.rollout, at: back + 659_000 }, dead, rules, back + 659_999);
  expect(soon.decision.kind).toBe("hold");
  const then = advance({ ...first.rollout, at: back + 660_000 }, tally(), rules, back + 660_000);
  expect(then.decision.kind).toBe("hold");
  const end = back + 660_000 + rules.watchMs;
  expect(advance({ ...then.rollout, at: end }, tally(), rules, end).decision.kind).toBe("done");
});

test("what has ended stays as it is, and a clock that goes back harms nothing", () => {
  const done = at(begin(7, undefined, start), rules.watchMs, tally()).rollout;
  expect(at(done, 2 * rules.watchMs, tally({ degraded: 100 }))).toEqual({
    rollout: { ...done, at: start + 2 * rules.watchMs },
    decision: { kind: "hold" },
  });
  const early = advance(begin(7, undefined, start), tally(), rules, start - 90_000);
  const moved = { since: start - 90_000, at: start - 90_000 };
  expect(early).toMatchObject({ decision: { kind: "hold" }, rollout: moved });
});

test.each([
  [0, 5],
  [50, 5],
  [51, 6],
  [10_000, 1_000],
])("of %d online envoys %d are enough", (online, needed) => expect(enough(online)).toBe(needed));

describe("a clock that leaps", () => {
  const plan = readPlan({ canary: "5%", more: "25%", hold: "10m" });

  /** Watched each second, but for the moments of a leap. */
  function watched(leaps: readonly (readonly [afterMs: number, by: number])[], seen = tally()) {
    let rollout = begin(7, plan, start);
    let [now, left] = [start, [...leaps]];
    for (let passed = 1_000; passed <= 60 * minute; passed += 1_000) {
      now += 1_000;
      while (left[0] !== undefined && left[0][0] <= passed) {
        now += left[0][1];
        left = left.slice(1);
      }
      const { rollout: next, decision } = advance(rollout, seen, rules, now);
      if (decision.kind !== "hold") return [decision.kind, passed / minute];
      rollout = next;
    }
    return ["hold", 60];
  }

  test.each<[string, readonly (readonly [number, number])[], number]>([
    ["not", [], 10],
    ["back, and nothing is watched longer", [[4 * minute, -86_400_000]], 10],
    ["back by seconds", [[4 * minute, -20_000]], 10],
    // Whoever did not watch for a while waits until the envoys have called again.
    ["ahead, and nothing ends at once", [[4 * minute, 400 * 86_400_000]], 21],
    [
      "ahead and back, and nothing is held for a year",
      [
        [4 * minute, 400 * 86_400_000],
        [6 * minute, -400 * 86_400_000],
      ],
      21,
    ],
  ])("%s", (_, leaps, widensAt) => {
    const [what, after] = watched(leaps);
    expect(what).toBe("widen");
    expect(Number(after)).toBeCloseTo(widensAt, 0);
  });
});
