import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../../src/core/errors.ts";
import type { OrderStep, Pinned, PinnedStep } from "../../../src/core/workflows/workflow.ts";
import type { AuditEntry, Store } from "../../../src/modes/server/store/store.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { TaskRow } from "../../../src/modes/server/store/tasks.ts";
import type { WorkflowRunRow } from "../../../src/modes/server/store/workflows.ts";
import type { Means } from "../../../src/modes/server/workflows/perform.ts";
import { Workflows } from "../../../src/modes/server/workflows/workflows.ts";
import { random } from "../../support/random.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { swiftRoom } from "../../support/swift-room.ts";

/**
 * Runs over a real database, in a process that dies at any moment: before a statement, or after it was kept and before anybody knew.
 * What a dead process would still have written, told or begun never happens. The tasks are those of the database too, and end by
 * themselves after a while, as machines do that go on whatever becomes of the server.
 */
const worlds = process.env["VIGO_TEST_ALL"] === "1" ? 800 : 200;
const atOnce = 20;

let room: string;
let store: Store;

beforeAll(async () => {
  room = await swiftRoom("vigo-workflow-faults-");
  store = await openStore(join(room, "vigo.db"));
});
afterAll(async () => {
  await store.close();
  await removeRoom(room);
});

const entry = (subject: string): AuditEntry => ({
  at: Date.now(),
  actor: "test",
  action: "workflow.test",
  subject,
  detail: {},
});

const common = { turn: "every", targets: "batch", timeoutMs: 5_000 } as const;

const order = (name: string, more: Partial<OrderStep> = {}): OrderStep => ({
  ...common,
  ...more,
  kind: "run",
  name,
  command: name,
  named: { name, argv: ["sh"], params: {} },
  expiresMs: 5_000,
  force: false,
});

/** One of each kind that has an effect or lasts, in an order that the seed says. */
function workflowOf(next: () => number): Pinned {
  const steps: PinnedStep[] = [
    order("a"),
    { ...common, kind: "approval", name: "ask", other: false, turn: "first" },
    order("b"),
    { ...common, kind: "wait", name: "wait", until: "true" },
    { ...common, kind: "push", name: "push" },
    order("c", { turn: "last", targets: "all" }),
  ];
  const chosen = steps.filter(() => next() < 0.7);
  return {
    name: "world",
    place: "workflows/world.vgo:1",
    description: "",
    batches: ["1", "100%"],
    maxFailures: "0",
    timeoutMs: 60_000,
    steps: chosen.length > 0 ? chosen : [order("a")],
    onFailure: [order("undo", { targets: "begun" })],
  };
}

/** Machines, and what the tasks of one world came to. */
class Fleet {
  /** Tasks by id, and how often each was begun. */
  readonly begun = new Map<string, number>();
  /** What begins on which machine: `1.1 web-1`. */
  readonly done: string[] = [];

  constructor(
    readonly next: () => number,
    /** Of 1: how many commands fail. */
    readonly failing: number,
  ) {}

  /** The machines go on, whoever has begun it. */
  async run(row: TaskRow, targets: readonly { readonly envoyId: string }[], key: string) {
    this.begun.set(row.id, (this.begun.get(row.id) ?? 0) + 1);
    await sleep(this.next() * 15);
    const at = Date.now();
    const endings = targets.map(({ envoyId }) => {
      this.done.push(`${key} ${envoyId}`);
      const state = this.next() < this.failing ? ("failed" as const) : ("ok" as const);
      const about = { startedAt: at, endedAt: at, reason: "", output: [], dropped: 0 };
      return { ...about, envoyId, state, exitCode: state === "ok" ? 0 : 1 };
    });
    await store.tasks.settle(row.id, endings);
    await store.tasks.end(row.id, at);
  }
}

/** A server process: it dies at a statement that the seed chooses. */
class Life {
  dead = false;
  #left: number;
  workflows: Workflows | undefined;

  constructor(
    readonly fleet: Fleet,
    readonly own: ReadonlySet<string>,
    next: () => number,
  ) {
    this.#left = 1 + Math.floor(next() * 14);
    this.#next = next;
  }

  readonly #next: () => number;

  kill(): void {
    this.dead = true;
  }

  /** Half of the deaths come after the disk has it. */
  async #mortal<T>(work: () => Promise<T>): Promise<T> {
    const gone = () => new VigoError("unavailable", "dead");
    if (this.dead) throw gone();
    const dies = --this.#left <= 0;
    if (dies && this.#next() < 0.5) this.kill();
    if (this.dead) throw gone();
    const done = await work();
    if (dies) this.kill();
    if (this.dead) throw gone();
    return done;
  }

  /** As long as it is not told to die. */
  lives(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  async start(): Promise<void> {
    const { workflows: kept } = store;
    const means: Means = {
      store: {
        workflows: {
          ...kept,
          unfinished: async () => (await kept.unfinished()).filter(({ id }) => this.own.has(id)),
          create: (...words) => this.#mortal(() => kept.create(...words)),
          begin: (...words) => this.#mortal(() => kept.begin(...words)),
          settle: (...words) => this.#mortal(() => kept.settle(...words)),
          turn: (...words) => this.#mortal(() => kept.turn(...words)),
        },
        tasks: store.tasks,
      },
      tasks: {
        find: () => undefined,
        follow: () => () => {},
        cancel: async () => {},
        begin: (row, targets, audit) =>
          this.#mortal(async () => {
            const unsent = targets.map((each) => ({ ...each, sentAt: undefined }));
            await store.tasks.create(row, unsent, audit);
            const detail = audit.detail as { readonly step: string };
            void this.fleet.run(row, targets, detail.step);
            return undefined as never;
          }),
      },
      decide: async () => true,
      askThem: () => undefined,
      ask: async () => undefined,
      publications: {
        find: async () => undefined,
        publish: async () => undefined,
        spread: async () => "done",
      },
      pushes: { push: () => true, lastRun: () => Date.now(), held: () => undefined },
      now: Date.now,
    };
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    this.workflows = await Workflows.open({ ...means, log: silent });
  }
}

interface Ended {
  readonly seed: number;
  readonly state: string;
  readonly done: readonly string[];
  readonly begun: readonly number[];
  readonly tasks: number;
  readonly lives: number;
  readonly id: string;
}

async function world(seed: number): Promise<Ended> {
  const next = random(seed);
  const fleet = new Fleet(next, next() < 0.5 ? 0 : 0.15);
  const id = Bun.randomUUIDv7();
  const own = new Set([id]);
  const pinned = workflowOf(next);
  const row: WorkflowRunRow = {
    id,
    workflow: "world",
    version: 1,
    pinned,
    params: {},
    actor: "test",
    asked: ["*"],
    createdAt: Date.now(),
    batches: 2,
    maxFailures: 0,
    state: "running",
    verdict: undefined,
    undoBatch: 0,
    reason: "",
    endedAt: undefined,
  };
  const members = ["1", "2", "3"].map((name, at) => ({
    envoyId: `web-${name}`,
    hostname: `web-${name}`,
    batch: at === 0 ? 0 : 1,
  }));
  await store.workflows.create(row, members, entry(id));
  const aborts = next() < 0.2;
  let lives = 0;
  let life = new Life(fleet, own, next);
  await life.start();
  const deadline = Date.now() + 30_000;
  for (;;) {
    const kept = await store.workflows.find(id);
    if (kept?.endedAt !== undefined) break;
    if (Date.now() > deadline) throw new Error(`world ${seed} does not come to its end`);
    if (life.dead) {
      await sleep(next() * 5);
      life = new Life(fleet, own, next);
      // Nobody dies for ever.
      if (++lives > 12) life.lives();
      await life.start();
    }
    await life.workflows?.tick();
    const run = life.workflows?.find(id);
    const waits = run?.next();
    if (run !== undefined && waits?.kind === "work" && waits.slot.step.kind === "approval")
      await approve(life, id);
    else if (run !== undefined && aborts && next() < 0.1)
      await life.workflows?.abort(run, next() < 0.3, "test", entry(id)).catch(expected);
    await sleep(1 + next() * 4);
  }
  const steps = await store.workflows.steps(id);
  // Words of machines that were told before are awaited, so that what comes late is seen.
  await sleep(20);
  const after = await store.workflows.find(id);
  return {
    seed,
    state: after?.state ?? "none",
    done: fleet.done,
    begun: [...fleet.begun.values()],
    tasks: steps.filter(({ taskId, envoys }) => taskId !== undefined && envoys.length > 0).length,
    lives,
    id,
  };
}

/** Two may meet: one is late, or its process is dead. */
const expected = (error: unknown): void => {
  const known = error instanceof VigoError && ["conflict", "unavailable"].includes(error.failure);
  if (!known) throw error;
};

async function approve(life: Life, id: string): Promise<void> {
  const run = life.workflows?.find(id);
  if (run === undefined) return;
  const audit = () => entry(id);
  await life.workflows?.approve(run, "test", () => {}, audit).catch(expected);
}

const twice = (all: readonly string[]) => all.filter((one, at) => all.indexOf(one) !== at);

test(`whatever dies in between, each step is done once and the run ends once (${worlds} worlds)`, async () => {
  const all: Ended[] = [];
  for (let seed = 0; seed < worlds; seed += atOnce) {
    const seeds = Array.from({ length: atOnce }, (_, at) => seed + at);
    all.push(...(await Promise.all(seeds.map(world))));
  }
  expect(all.filter(({ done }) => twice(done).length > 0)).toEqual([]);
  expect(all.filter(({ begun }) => begun.some((times) => times !== 1))).toEqual([]);
  // Each task that a step wrote down was begun, but for those that were broken off before.
  expect(
    all.filter(({ begun, tasks, state }) => begun.length !== tasks && state === "done"),
  ).toEqual([]);
  const ends = (await store.audit.page(100_000)).filter(({ action }) => action === "workflow.end");
  expect(ends.map(({ subject }) => subject).sort()).toEqual(all.map(({ id }) => id).sort());
  // The faults do hit: all of these come about, and nothing else.
  expect([...new Set(all.map(({ state }) => state))].sort()).toEqual(["aborted", "done", "failed"]);
  expect(all.filter(({ lives }) => lives > 0).length).toBeGreaterThan(worlds / 2);
}, 240_000);
