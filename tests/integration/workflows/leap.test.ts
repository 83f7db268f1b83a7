/** A run of a workflow whose server's clock leaps: what is left of its time stays left. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PinnedStep } from "../../../src/core/workflows/workflow.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import { Workflows } from "../../../src/modes/server/workflows/workflows.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { entry } from "../store/rows.ts";

const [minute, day] = [60_000, 86_400_000];

let room: string;
let store: Store;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-workflow-leap-"));
  store = await openStore(join(room, "vigo.db"));
});
afterAll(async () => {
  await store.close();
  await removeRoom(room);
});

const never = () => {
  throw new Error("nobody asks for this");
};

class World {
  now = 1_000 * day;
  workflows!: Workflows;
  #onLeap: ((by: number) => void) | undefined;

  async start(): Promise<void> {
    this.workflows = await Workflows.open({
      store,
      tasks: { find: never, follow: never, cancel: never, begin: never },
      decide: async () => true,
      askThem: () => undefined,
      ask: never,
      publications: { find: never, publish: never, spread: never },
      pushes: { push: never, lastRun: never, held: () => undefined },
      log: { info: () => {}, warn: () => {}, error: never },
      now: () => this.now,
      onLeap: (listener) => {
        this.#onLeap = listener;
      },
    });
  }

  leap(by: number): void {
    this.now += by;
    this.#onLeap?.(by);
  }

  async begin(step: PinnedStep, timeoutMs: number): Promise<string> {
    const id = Bun.randomUUIDv7();
    const row = {
      id,
      workflow: "w",
      version: 1,
      pinned: {
        name: "w",
        place: "workflows/w.vgo:1",
        description: "",
        batches: ["100%"],
        maxFailures: "0",
        timeoutMs,
        steps: [step],
        onFailure: [],
      },
      params: {},
      actor: "ada",
      asked: ["*"],
      createdAt: this.now,
      batches: 1,
      maxFailures: 0,
      state: "running" as const,
      verdict: undefined,
      undoBatch: 0,
      reason: "",
      endedAt: undefined,
    };
    await this.workflows.begin(row, [{ envoyId: "a", hostname: "a", batch: 0 }], entry());
    return id;
  }

  async state(id: string) {
    await this.workflows.tick();
    return (await store.workflows.find(id))?.state;
  }
}

const approval: PinnedStep = {
  kind: "approval",
  name: "look",
  other: false,
  turn: "every",
  targets: "batch",
  timeoutMs: 10 * minute,
};

test.each([400 * day, -2 * day])(
  "a clock that leaps by %i ends no step, and holds none",
  async (by) => {
    const w = new World();
    await w.start();
    const [step, whole] = [
      await w.begin(approval, 30 * day),
      await w.begin({ ...approval, timeoutMs: day }, 10 * minute),
    ];
    w.now += 8 * minute;
    w.leap(by);
    expect([await w.state(step), await w.state(whole)]).toEqual(["running", "running"]);
    await w.start();
    w.now += 2 * minute - 1;
    expect([await w.state(step), await w.state(whole)]).toEqual(["running", "running"]);
    w.now += 1;
    expect([await w.state(step), await w.state(whole)]).toEqual(["failed", "failed"]);
  },
);

test("one that began by a clock that was ahead is held no longer when it is put right", async () => {
  const w = new World();
  await w.start();
  const id = await w.begin(approval, 30 * day);
  w.now -= 400 * day;
  await w.start();
  w.now += 10 * minute - 1;
  expect(await w.state(id)).toBe("running");
  w.now += 1;
  expect(await w.state(id)).toBe("failed");
});
