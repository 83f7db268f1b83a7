/** Which run of an envoy is told of as the one that it was pushed to. */
import { expect, test } from "bun:test";
import type { PushEvent } from "../../../src/core/api/push.ts";
import type { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import { followed } from "../../../src/modes/server/streams/follow-push.ts";

function world({ isOpen }: { readonly isOpen: boolean }) {
  const envoy = {
    id: "one",
    row: { hostname: "web-1", revokedAt: undefined },
    bodyDigest: new Uint8Array(32),
    lastRun: 70,
    newest: [] as { number: number; outcome: string }[],
    checkedInAt: 900,
    checkInRun: 70,
    formerCheckInAt: 800,
    formerCheckInRun: 70,
  };
  let now = 1_000;
  let toldAt: number | undefined;
  const deps = {
    fleet: { get: () => envoy, status: () => "converged", maintenanceUntil: () => undefined },
    policy: { settle: () => Promise.resolve() },
    push: {
      push: () => {
        if (isOpen) toldAt = now;
        return isOpen;
      },
      toldAt: () => toldAt,
      keep: () => Promise.resolve(),
    },
    elapsed: () => now,
  } as unknown as Parameters<typeof followed>[0];
  const seen: PushEvent[] = [];
  return {
    seen,
    begin: async (since?: ReadonlyMap<string, number>) => {
      const events = await followed(deps, [envoy as unknown as Envoy], 60_000, since);
      const read = async () => {
        for await (const event of events) seen.push(event);
      };
      return { done: read() };
    },
    told: () => {
      toldAt = ++now;
    },
    checksIn: () => {
      [envoy.formerCheckInAt, envoy.formerCheckInRun] = [envoy.checkedInAt, envoy.checkInRun];
      [envoy.checkedInAt, envoy.checkInRun] = [++now, envoy.lastRun];
    },
    runs: (outcome: string) => {
      envoy.lastRun++;
      envoy.newest = [{ number: envoy.lastRun, outcome }, ...envoy.newest];
    },
    steady: () => {
      envoy.lastRun++;
    },
    /** Whoever follows has looked since. */
    looked: () => Bun.sleep(450),
  };
}

const outcomes = (seen: readonly PushEvent[]) =>
  seen.flatMap((event) => (event.kind === "ran" ? [[event.run, event.outcome]] : []));

test("one without a stream: what it ran before it was told and had checked in is not for the push", async () => {
  const w = world({ isOpen: false });
  const { done } = await w.begin();
  w.runs("failed");
  await w.looked();
  w.checksIn();
  w.told();
  w.runs("failed");
  await w.looked();
  expect(w.seen.map(({ kind }) => kind)).toEqual(["begin"]);
  w.checksIn();
  await w.looked();
  w.runs("changed");
  await done;
  expect(outcomes(w.seen)).toEqual([[73, "changed"]]);
});

test("one that is told at once: what came in before its check-in is not for the push", async () => {
  const w = world({ isOpen: true });
  const { done } = await w.begin();
  w.runs("failed");
  await w.looked();
  w.checksIn();
  w.runs("changed");
  await done;
  expect(outcomes(w.seen)).toEqual([[72, "changed"]]);
});

test("a following that goes on: what ran while nobody looked counts", async () => {
  const w = world({ isOpen: true });
  const { done } = await w.begin(new Map([["one", 69]]));
  await done;
  expect(outcomes(w.seen)).toEqual([[70, "ok"]]);
});

test("a run from before that only its check-in tells of is not for the push, and one that comes with the next is", async () => {
  const w = world({ isOpen: true });
  const { done } = await w.begin();
  w.steady();
  w.checksIn();
  await w.looked();
  expect(w.seen.map(({ kind }) => kind)).toEqual(["begin"]);
  w.steady();
  await done;
  expect(outcomes(w.seen)).toEqual([[72, "ok"]]);
});

test("two check-ins between two looks: what the second tells of has run since the first", async () => {
  const w = world({ isOpen: true });
  const { done } = await w.begin();
  w.steady();
  w.checksIn();
  w.steady();
  w.checksIn();
  await done;
  expect(outcomes(w.seen)).toEqual([[72, "ok"]]);
});
