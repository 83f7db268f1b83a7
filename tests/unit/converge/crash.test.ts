/** A run that loses its power at any moment: what comes after must find the world as if it had not, at most with one refresh too many. */
import { expect, test } from "bun:test";
import type { Body } from "../../../src/core/bundle/body.ts";
import type { RunRecords } from "../../../src/core/converge/records.ts";
import { runBody } from "../../../src/core/converge/run.ts";
import { parameters, text } from "../../../src/core/params.ts";
import { type AnyResourceType, defineResource, differing } from "../../../src/core/resource.ts";
import { fakeHost } from "../../support/fake-host.ts";
import { memoryRecords, memoryReversals } from "../../support/memory-records.ts";

/** Counts moments, and at one of them nothing goes on any more. */
class Power {
  passed = 0;
  readonly cut: Promise<void>;
  #lost: () => void = () => undefined;

  constructor(readonly until: number) {
    this.cut = new Promise((resolve) => {
      this.#lost = resolve;
    });
  }

  async moment(): Promise<void> {
    if (++this.passed <= this.until) return;
    this.#lost();
    await new Promise(() => undefined);
  }
}

/** Files, and services that hold in memory what their files were at the last refresh. */
class World {
  readonly files = new Map<string, string>();
  readonly loaded = new Map<string, string>();
  refreshes = 0;

  types(power: Power): readonly AnyResourceType[] {
    const file = defineResource<{ name: string; content: string }>({
      name: "file",
      summary: "A file.",
      platforms: ["linux"],
      params: parameters({ name: text("Name."), content: text("Content.") }),
      claims: ({ name }) => [{ id: `file:${name}` }],
      check: async ({ name, content }) => {
        await power.moment();
        return differing("content", this.files.get(name), content);
      },
      apply: async ({ name, content }) => {
        await power.moment();
        this.files.set(name, content);
        await power.moment();
      },
      examples: [],
    });
    const service = defineResource<{ name: string }>({
      name: "service",
      summary: "A service.",
      platforms: ["linux"],
      params: parameters({ name: text("Name.") }),
      isAction: () => true,
      claims: () => [],
      check: async () => [],
      apply: async () => undefined,
      refresh: async ({ name }) => {
        await power.moment();
        this.loaded.set(name, [...this.files.values()].join());
        this.refreshes++;
        await power.moment();
      },
      examples: [],
    });
    return [file, service];
  }
}

const body: Body = {
  format: 1,
  secrets: [],
  resources: [
    { key: "a", type: "file", params: { name: "a", content: "1" }, notifies: [2] },
    { key: "b", type: "file", params: { name: "b", content: "2" }, notifies: [2] },
    { key: "web", type: "service", params: { name: "web" }, notifies: [3] },
    { key: "proxy", type: "service", params: { name: "proxy" } },
  ],
};

function mindful(records: RunRecords, power: Power): RunRecords {
  const around =
    <A>(work: (given: A) => Promise<void>) =>
    async (given: A) => {
      await power.moment();
      await work(given);
      await power.moment();
    };
  return {
    ...records,
    owe: around(records.owe),
    pay: around(records.pay),
    learn: around(records.learn),
  };
}

const start = (world: World, records: RunRecords, power: Power) =>
  runBody(body, {
    types: world.types(power),
    traitTypes: [],
    host: fakeHost().host,
    envoy: { id: "e", hostname: "h" },
    policyVersion: 1,
    records: mindful(records, power),
    reversals: memoryReversals().reversals,
    protectedPaths: [],
    trait: async () => undefined,
    pause: async () => true,
    concurrency: 1,
  });

async function untilCut(world: World, records: RunRecords, until: number): Promise<boolean> {
  const power = new Power(until);
  const ended = start(world, records, power).then(() => true);
  return Promise.race([ended, power.cut.then(() => false)]);
}

const powered = () => new Power(Number.POSITIVE_INFINITY);

test("cut at every moment, the next run makes good what was owed", async () => {
  let moment = 0;
  for (let ended = false; !ended; moment++) {
    const world = new World();
    const { records, debts } = memoryRecords();
    ended = await untilCut(world, records, moment);
    await start(world, records, powered());
    expect([...world.files]).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect([moment, world.loaded.get("web"), world.loaded.get("proxy")]).toEqual([
      moment,
      "1,2",
      "1,2",
    ]);
    expect([moment, debts.size]).toEqual([moment, 0]);
    const { refreshes } = world;
    const last = await start(world, records, powered());
    expect([moment, world.refreshes, last.outcome]).toEqual([moment, refreshes, "ok"]);
  }
  expect(moment).toBeGreaterThan(20);
});

test("cut twice, at any two moments, all the same", async () => {
  for (let first = 0; first < 24; first += 3)
    for (let second = 0; second < 24; second += 2) {
      const world = new World();
      const { records, debts } = memoryRecords();
      await untilCut(world, records, first);
      await untilCut(world, records, second);
      await start(world, records, powered());
      const seen = [world.loaded.get("web"), world.loaded.get("proxy"), debts.size];
      expect([first, second, ...seen]).toEqual([first, second, "1,2", "1,2", 0]);
    }
});
