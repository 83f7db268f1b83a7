import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import type { TaskRow } from "../../../src/modes/server/store/tasks.ts";
import { random } from "../../support/random.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { swiftRoom } from "../../support/swift-room.ts";
import { plainTask } from "../store/rows.ts";
import { AgentLife, envoyId, ServerLife, type Surroundings } from "./lives.ts";

/**
 * The server's side and the agent's side as they are, with a network between them that loses, doubles and repeats what is on its way,
 * clocks that are set, and both dying at any moment. Real commands, a real database.
 */
const worlds = process.env["VIGO_TEST_ALL"] === "1" ? 1_000 : 200;
const atOnce = 20;
/** Looks of one world at whether it is over: its own time, so that a machine that stands still ends nothing. */
const mostLooks = 6_000;

let room: string;
let store: Store;
const settled = new Map<string, number>();

beforeAll(async () => {
  room = await swiftRoom("vigo-task-faults-");
  store = await openStore(join(room, "vigo.db"));
});
afterAll(async () => {
  await store.close();
  await removeRoom(room);
});

interface Ended {
  readonly state: string;
  readonly runs: number;
  readonly settled: number;
  readonly exit: number | undefined;
}

const second = 1_000;
/** A clock is set: by seconds, hours, days, to and fro. */
const leaps = [5, 3_600, 90_000, 700_000].flatMap((by) => [by * second, -by * second]);

class World {
  readonly #folder: string;
  readonly #next: () => number;
  readonly #own = new Set<string>();
  readonly #leapt = { server: 0, agent: 0 };
  readonly #disk = {};
  readonly #rows: TaskRow[] = [];
  readonly #around: Surroundings;
  #away = false;
  #server: ServerLife;
  #agent: AgentLife;
  /** One server after the other. */
  #reborn = Promise.resolve();

  private constructor(seed: number) {
    this.#next = random(seed);
    this.#folder = join(room, `world-${seed}`);
    const dies = (server: ServerLife) => void this.#rebirth(server);
    const about = { own: this.#own, leapt: this.#leapt, settled, sent: [], dies };
    this.#around = { store, next: this.#next, isAway: () => this.#away, ...about };
    this.#server = new ServerLife(this.#around);
    this.#agent = this.#newAgent();
  }

  static async lived(seed: number): Promise<readonly Ended[]> {
    const world = new World(seed);
    await world.#server.start();
    await world.#order();
    for (let step = 0; step < 5; step++) {
      await sleep(world.#next() * 25);
      await world.#faults[Math.floor(world.#next() * world.#faults.length)]?.();
      if (world.#rows.length < 3) await world.#order();
    }
    await world.#comesToItsEnd(seed);
    return Promise.all(world.#rows.map(({ id }, at) => outcome(id, world.#mark(at))));
  }

  readonly #faults: (() => unknown)[] = [
    () => this.#server.wire?.cut(),
    () => this.#server.wire?.cut(),
    () => this.#server.wire?.end(),
    () => this.#server.repeat(),
    () => this.#server.greet(),
    () => this.#server.leap(this.#any(leaps)),
    () => {
      this.#leapt.agent += this.#any(leaps);
    },
    () => this.#rebirth(this.#server),
    async () => {
      this.#agent.kill();
      await sleep(this.#next() * 10);
      this.#agent = this.#newAgent();
    },
    async () => {
      await this.#agent.end();
      this.#agent = this.#newAgent();
    },
    () => this.#goesAway(),
    () => this.#cancel(),
  ];

  #any<T>(of: readonly T[]): T {
    return of[Math.floor(this.#next() * of.length)] as T;
  }

  #newAgent(): AgentLife {
    return new AgentLife(this.#disk, this.#folder, {
      server: () => this.#server,
      leapt: this.#leapt,
    });
  }

  /** Killed, and another one after a while. */
  #rebirth(dying: ServerLife): Promise<void> {
    dying.kill();
    this.#reborn = this.#reborn.then(async () => {
      if (!this.#server.dead) return;
      await sleep(this.#next() * 10);
      const server = new ServerLife(this.#around);
      await server.start();
      this.#server = server;
    });
    return this.#reborn;
  }

  async #goesAway(): Promise<void> {
    if (this.#next() < 0.5) this.#agent.kill();
    else await this.#agent.end();
    this.#away = true;
    await sleep(this.#next() * 100);
    if (this.#rows.length < 3) await this.#order();
    await sleep(this.#next() * 100);
    this.#away = false;
    this.#agent = this.#newAgent();
  }

  async #cancel(): Promise<void> {
    const { tasks } = this.#server;
    const task = tasks?.find(this.#any(this.#rows).id);
    if (task === undefined || task.isStopped) return;
    await unlessDead(this.#server, tasks?.cancel(task, "test", entry(task.id)));
  }

  #mark(at: number): string {
    return `${this.#folder}-${at}`;
  }

  async #order(): Promise<void> {
    const next = this.#next;
    const now = Date.now() + this.#leapt.server;
    const pause = next() < 0.5 ? 0 : next() * 0.03;
    const row: TaskRow = {
      id: Bun.randomUUIDv7(),
      actor: "test",
      createdAt: now,
      command: `echo x >> ${this.#mark(this.#rows.length)}; sleep ${pause.toFixed(3)}; echo done`,
      asked: [],
      timeoutMs: 20_000,
      // Some are over before the envoy is back, or while the order is on its way.
      expiresAt: now + (next() < 0.3 ? Math.floor(next() * 120) : 60_000),
      maxFailures: undefined,
      outputLimit: 1_000,
      force: false,
      ...plainTask,
      state: "running",
      endedAt: undefined,
      reason: "",
    };
    await this.#reborn;
    this.#own.add(row.id);
    this.#rows.push(row);
    const target = { envoyId, hostname: "h", batch: 0 };
    await unlessDead(this.#server, this.#server.tasks?.begin(row, [target], entry(row.id)));
  }

  async #comesToItsEnd(seed: number): Promise<void> {
    for (let look = 0; await this.#goesOn(); look++) {
      if (look === mostLooks) throw new Error(`world ${seed} does not come to its end`);
      await sleep(5);
    }
    await this.#agent.end();
    this.#server.kill();
  }

  async #goesOn(): Promise<boolean> {
    await this.#reborn;
    const server = this.#server;
    await unlessDead(server, server.tasks?.tick());
    return (
      server !== this.#server ||
      server.dead ||
      this.#agent.tasks.hasNews ||
      this.#rows.some(({ id }) => server.tasks?.find(id) !== undefined)
    );
  }
}

/** A process that dies in the midst of something has no more to say about it. */
async function unlessDead(server: ServerLife, work: Promise<unknown> | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!server.dead) throw error;
  }
}

const entry = (subject: string) => ({
  at: Date.now(),
  actor: "test",
  action: "task.test",
  subject,
  detail: {},
});

async function outcome(id: string, mark: string): Promise<Ended> {
  const [target] = await store.tasks.targets(id);
  const text = await readFile(mark, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return {
    state: target?.ending?.state ?? "none",
    runs: text.split("\n").length - 1,
    settled: settled.get(id + envoyId) ?? 0,
    exit: target?.ending?.exitCode,
  };
}

test(`whatever dies in between, a task begins at most once and ends exactly once (${worlds} worlds)`, async () => {
  const all: Ended[] = [];
  for (let seed = 0; seed < worlds; seed += atOnce) {
    const seeds = Array.from({ length: atOnce }, (_, at) => seed + at);
    all.push(...(await Promise.all(seeds.map((seed) => World.lived(seed)))).flat());
  }
  expect(all.filter(({ settled }) => settled !== 1)).toEqual([]);
  expect(all.filter(({ runs }) => runs > 1)).toEqual([]);
  expect(
    all.filter(({ state, runs, exit }) => state === "ok" && (runs !== 1 || exit !== 0)),
  ).toEqual([]);
  // What has expired never ran, whoever says so.
  expect(all.filter(({ state, runs }) => state === "expired" && runs !== 0)).toEqual([]);
  const states = new Set(all.map(({ state }) => state));
  // The faults do hit: all of these come about, and nothing else.
  expect([...states].sort()).toEqual(["cancelled", "expired", "interrupted", "ok"]);
}, 600_000);
