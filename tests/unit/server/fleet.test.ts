import { describe, expect, test } from "bun:test";
import type { ReportedRun } from "../../../src/core/wire/convert.ts";
import { Fleet, type FleetEvent } from "../../../src/modes/server/envoys/fleet.ts";
import type { EnvoySeen, SpanRow } from "../../../src/modes/server/store/store.ts";
import { envoy as row } from "../../integration/store/rows.ts";

const minute = 60_000;

function fleetOf(...ids: readonly string[]) {
  const clock = { now: 1_000_000 };
  const events: FleetEvent[] = [];
  const fleet = new Fleet({
    intervalMs: 5 * minute,
    offline: { factor: 2.5 },
    divergedAfter: 3,
    traits: [],
    now: () => clock.now,
    onEvent: (event) => void events.push(event),
  });
  const [envoy] = ids.map((id) => fleet.add(row(id, { enrolledAt: clock.now })));
  if (envoy === undefined) throw new Error("name one at least");
  return { fleet, envoy, clock, events };
}

const run = (number: number, causes: ReportedRun["causes"] = ["drift"]): ReportedRun => ({
  number,
  policyVersion: 1,
  startedAt: number,
  durationMs: 1,
  outcome: "changed",
  counts: { ok: 0, changed: 1, failed: 0, skipped: 0, blocked: 0, pending: 0 },
  causes,
  resources: [],
});

describe("two machines with one identity", () => {
  const first = { machineId: "m", bootId: "boot-1" };
  const copy = { machineId: "other", bootId: "boot-x" };

  test("so many stories wait to be taken, and no more", () => {
    const { fleet, envoy } = fleetOf("e");
    fleet.admits(envoy, first);
    fleet.checkedIn(envoy, undefined);
    for (let n = 0; n < 1_100; n++) fleet.admits(envoy, { machineId: `copy ${n}`, bootId: "b" });
    expect([fleet.takeEvents().length, fleet.takeEvents().length]).toEqual([1_000, 0]);
  });

  test("the newcomer waits, and is told of once", () => {
    const { fleet, envoy, events } = fleetOf("e");
    expect(fleet.admits(envoy, first)).toBe(true);
    fleet.checkedIn(envoy, undefined);
    expect([fleet.admits(envoy, copy), fleet.admits(envoy, copy)]).toEqual([false, false]);
    expect(fleet.admits(envoy, first)).toBe(true);
    expect(events).toMatchObject([{ kind: "envoy.cloned", envoyId: "e", machine: copy }]);
  });

  test("a reboot is no second machine", () => {
    const { fleet, envoy, events } = fleetOf("e");
    for (const bootId of ["1", "2", "3"])
      expect(fleet.admits(envoy, { machineId: "m", bootId })).toBe(true);
    expect(events).toEqual([]);
  });

  test("two that share even the machine id show themselves when a boot comes back", () => {
    const { fleet, envoy, events } = fleetOf("e");
    const second = { machineId: "m", bootId: "boot-2" };
    const heard = [first, second, first, second, first].map((machine) => {
      const admitted = fleet.admits(envoy, machine);
      if (admitted) fleet.checkedIn(envoy, undefined);
      return admitted;
    });
    expect(heard).toEqual([true, true, true, false, true]);
    expect(events).toMatchObject([{ kind: "envoy.cloned", machine: second }]);
  });

  test("the newcomer takes over when the first has been silent", () => {
    const { fleet, envoy, clock, events } = fleetOf("e");
    fleet.admits(envoy, first);
    fleet.checkedIn(envoy, undefined);
    clock.now += 13 * minute;
    expect(fleet.admits(envoy, copy)).toBe(true);
    fleet.checkedIn(envoy, undefined);
    expect(fleet.admits(envoy, first)).toBe(false);
    expect(events.map((event) => event.kind)).toEqual(["envoy.moved", "envoy.cloned"]);
    expect(envoy.seen().machineId).toBe("other");
  });

  test("an agent that cannot tell proves nothing", () => {
    const { fleet, envoy } = fleetOf("e");
    fleet.admits(envoy, first);
    fleet.checkedIn(envoy, undefined);
    expect(fleet.admits(envoy, { machineId: "", bootId: "" })).toBe(true);
  });
});

describe("standing", () => {
  test("silence counts from the observed cadence, never from less than the interval", () => {
    const { fleet, envoy, clock } = fleetOf("e");
    const offlineAfter = () => fleet.standing(envoy).offlineAfterMs / minute;
    fleet.checkedIn(envoy, undefined);
    for (let n = 0; n < 60; n++) {
      clock.now += 8 * minute;
      fleet.checkedIn(envoy, undefined);
    }
    expect(offlineAfter()).toBeCloseTo(20, 1);
    for (let n = 0; n < 60; n++) {
      clock.now += 1_000;
      fleet.checkedIn(envoy, undefined);
    }
    expect(offlineAfter()).toBe(12.5);
    clock.now += 12.6 * minute;
    expect(fleet.status(envoy)).toBe("offline");
  });

  test("a clock that was set back is no cadence", () => {
    const { fleet, envoy, clock } = fleetOf("e");
    fleet.checkedIn(envoy, undefined);
    clock.now += 6 * minute;
    fleet.checkedIn(envoy, undefined);
    const before = envoy.cadenceMs;
    clock.now -= 300 * minute;
    fleet.checkedIn(envoy, undefined);
    expect([envoy.cadenceMs, fleet.status(envoy)]).toEqual([before, "no data"]);
  });

  test("runs are remembered as far back as a status looks, told twice or out of order", () => {
    const { fleet, envoy } = fleetOf("e");
    expect(fleet.status(envoy)).toBe("no data");
    fleet.ran(envoy, [run(2), run(1)], []);
    expect(fleet.status(envoy)).toBe("relapsed");
    fleet.ran(envoy, [run(3), run(2)], []);
    expect(fleet.status(envoy)).toBe("diverged");
    fleet.ran(envoy, [run(4), run(5, ["intent"])], []);
    expect(envoy.newest.map((head) => head.number)).toEqual([5, 4, 3]);
    expect(fleet.status(envoy)).toBe("changed");
    fleet.checkedIn(envoy, { first: 6, last: 6, firstAt: 1, lastAt: 1 });
    expect(fleet.status(envoy)).toBe("converged");
    expect("resources" in (envoy.newest[0] ?? {})).toBe(false);
  });

  test("a run tells of the policy that was taken after the check-in", () => {
    const { fleet, envoy } = fleetOf("e");
    expect(envoy.policyVersion).toBe(0);
    fleet.ran(envoy, [{ ...run(2), policyVersion: 9 }, run(1)], []);
    expect(envoy.policyVersion).toBe(9);
  });
});

describe("flush", () => {
  const keeper = (fails = 0) => {
    const batches: (readonly EnvoySeen[])[] = [];
    const spans: SpanRow[] = [];
    const store = {
      envoys: {
        seen: async (batch: readonly EnvoySeen[]) => {
          if (fails-- > 0) throw new Error("disk full");
          batches.push(batch);
        },
      },
      runs: { recordSpans: async (rows: readonly SpanRow[]) => void spans.push(...rows) },
    };
    return { batches, spans, store: store as unknown as Parameters<Fleet["flush"]>[0] };
  };

  test("writes who was seen, once", async () => {
    const { fleet, envoy, clock } = fleetOf("e", "silent");
    const { batches, spans, store } = keeper();
    fleet.checkedIn(envoy, { first: 1, last: 2, firstAt: 3, lastAt: 4 });
    await fleet.flush(store);
    await fleet.flush(store);
    expect(batches.map((batch) => batch.map((seen) => seen.id))).toEqual([["e"]]);
    expect(batches[0]?.[0]?.lastSeenAt).toBe(clock.now);
    expect(spans).toEqual([{ envoyId: "e", first: 1, last: 2, firstAt: 3, lastAt: 4 }]);
  });

  test("passes over who was forgotten meanwhile, and what a call that was under way still says of it", async () => {
    const { fleet, envoy } = fleetOf("e", "other");
    const { batches, spans, store } = keeper();
    const span = { first: 1, last: 2, firstAt: 3, lastAt: 4 };
    for (const one of fleet.list()) fleet.checkedIn(one, span);
    fleet.remove("e");
    fleet.checkedIn(envoy, span);
    await fleet.flush(store);
    expect(batches.map((batch) => batch.map(({ id }) => id))).toEqual([["other"]]);
    expect(spans.map(({ envoyId }) => envoyId)).toEqual(["other"]);
  });

  test("writes no root of sections that are not written", async () => {
    const { fleet, envoy } = fleetOf("e", "other");
    const { batches, store } = keeper();
    const order: string[] = [];
    const told = {
      isWaiting: (id: string) => id === "e",
      write: async (also = async () => {}) => {
        order.push("traits");
        await also();
      },
    };
    for (const one of fleet.list()) {
      one.traitsRoot = new Uint8Array(32);
      fleet.checkedIn(one, undefined);
    }
    await fleet.flush(store, told);
    expect(order).toEqual(["traits"]);
    const roots = Object.fromEntries(batches.flat().map((seen) => [seen.id, seen.traitsRoot]));
    expect(roots[envoy.id]).toBe("");
    expect(roots["other"]).toEndWith("0".repeat(64));
  });

  test("writes with the next one what one could not", async () => {
    const { fleet, envoy } = fleetOf("e");
    const { batches, store } = keeper(1);
    fleet.checkedIn(envoy, undefined);
    await expect(fleet.flush(store)).rejects.toThrow("disk full");
    await fleet.flush(store);
    expect(batches).toHaveLength(1);
  });
});
