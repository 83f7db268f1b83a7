/**
 * A process that is a part of the fleet: told over the process channel what its envoys do, answers with what came of it. A
 * fleet is spread over several, so that the simulator is not what is measured.
 */
import { spread } from "../../../src/modes/agent/backoff.ts";
import { ownStalls, type Slow, slowMs } from "./doors.ts";
import { SimulatedEnvoy } from "./envoy.ts";
import type { Outcome } from "./figures.ts";
import { type Door, enrol } from "./machine.ts";

/** Times in milliseconds, shares from 0 to 1. */
export type Work =
  | {
      readonly do: "enrol";
      readonly door: Door;
      readonly prefix: string;
      readonly numbers: number[];
    }
  | { readonly do: "settle" }
  | {
      readonly do: "steady";
      readonly intervalMs: number;
      readonly durationMs: number;
      readonly changed: number;
      readonly runs: number;
    }
  | { readonly do: "promote"; readonly intervalMs: number }
  | { readonly do: "storm"; readonly count: number; readonly overMs: number };

const envoys: SimulatedEnvoy[] = [];
const stalls = ownStalls();

class Tally {
  readonly latencies: number[] = [];
  readonly slow: Slow[] = [];
  readonly failures: Record<string, number> = {};

  /** False when it failed. */
  async of(work: () => Promise<unknown>): Promise<boolean> {
    const began = performance.now();
    try {
      await work();
      this.answered(began, performance.now());
      return true;
    } catch (caught) {
      const reason = reasonOf(caught);
      this.failures[reason] = (this.failures[reason] ?? 0) + 1;
      return false;
    }
  }

  answered(began: number, ended: number): void {
    this.latencies.push(ended - began);
    if (ended - began < slowMs) return;
    const { timeOrigin } = performance;
    this.slow.push({ pid: process.pid, from: timeOrigin + began, to: timeOrigin + ended });
  }
}

const reasonOf = (caught: unknown): string => {
  if (!(caught instanceof Error)) return String(caught);
  return "code" in caught && typeof caught.code === "string" ? caught.code : caught.message;
};

/** So many at a time. */
async function each<T>(all: readonly T[], lanes: number, work: (one: T) => Promise<unknown>) {
  const left = all.values();
  const lane = async () => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function enrolAll({ door, prefix, numbers }: Extract<Work, { do: "enrol" }>) {
  const record = new Tally();
  await each(numbers, 8, (number) =>
    record.of(async () => {
      const identity = await enrol(door, `${prefix}-${number}`, number);
      envoys.push(new SimulatedEnvoy(identity, door.host, number));
    }),
  );
  return record;
}

/** The first check-ins: traits asked for and told, the bundle fetched. */
async function settle() {
  const record = new Tally();
  await each(envoys, 16, async (envoy) => {
    for (let at = 0; at < 5 && !envoy.hasBundle; at++) await record.of(() => envoy.checkIn());
    if (!envoy.hasBundle) record.failures["no bundle"] = (record.failures["no bundle"] ?? 0) + 1;
  });
  return record;
}

/** Each by its own clock, which begins anywhere in the interval and strays as agents' clocks do. */
async function steady({ intervalMs, durationMs, changed, runs }: Extract<Work, { do: "steady" }>) {
  const record = new Tally();
  const end = performance.now() + durationMs;
  await Promise.all(
    envoys.map(async (envoy) => {
      let due = performance.now() + Math.random() * intervalMs;
      while (due < end) {
        await Bun.sleep(Math.max(0, due - performance.now()));
        if (Math.random() < changed) envoy.change();
        await record.of(() => envoy.checkIn());
        if (Math.random() < runs) await record.of(() => envoy.report());
        due = Math.max(performance.now(), due + spread(intervalMs, Math.random()));
      }
    }),
  );
  return record;
}

/** One check-in of each, spread over the interval; who is told to opens a stream, and keeps it. */
async function promote({ intervalMs }: Extract<Work, { do: "promote" }>) {
  const record = new Tally();
  await Promise.all(
    envoys.map(async (envoy) => {
      await Bun.sleep(Math.random() * intervalMs);
      await record.of(() => envoy.checkIn());
      if (!envoy.stream()) record.failures["no stream"] = (record.failures["no stream"] ?? 0) + 1;
    }),
  );
  return record;
}

/** Connections break, and all come back; one that fails tries again after a second. Latency is until its check-in was answered. */
async function storm({ count, overMs }: Extract<Work, { do: "storm" }>) {
  const record = new Tally();
  const some = envoys.slice(0, count);
  for (const envoy of some) envoy.drop();
  await Promise.all(
    some.map(async (envoy) => {
      await Bun.sleep(Math.random() * overMs);
      const began = performance.now();
      const attempts = new Tally();
      for (let at = 0; at < 30 && !(await attempts.of(() => envoy.checkIn())); at++) {
        envoy.drop();
        await Bun.sleep(1_000);
      }
      for (const [reason, times] of Object.entries(attempts.failures))
        record.failures[reason] = (record.failures[reason] ?? 0) + times;
      if (attempts.latencies.length > 0) record.answered(began, performance.now());
    }),
  );
  return record;
}

const perform = (work: Work): Promise<Tally> => {
  switch (work.do) {
    case "enrol":
      return enrolAll(work);
    case "settle":
      return settle();
    case "steady":
      return steady(work);
    case "promote":
      return promote(work);
    case "storm":
      return storm(work);
  }
};

process.on("message", async (work: Work) => {
  const { latencies, slow, failures } = await perform(work);
  process.send?.({ latencies, slow, stalls: stalls.take(), failures } satisfies Outcome);
});
process.on("disconnect", () => process.exit(0));
