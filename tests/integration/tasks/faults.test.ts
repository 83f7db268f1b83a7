import { afterAll, beforeAll, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../../src/core/errors.ts";
import { keyId, newKeyPair, signingKey, verifyKey } from "../../../src/core/pki/keys.ts";
import {
  type StreamRequest,
  StreamRequestSchema,
  type StreamResponse,
  StreamResponseSchema,
} from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import type { Cache } from "../../../src/modes/agent/cache.ts";
import type { Link } from "../../../src/modes/agent/link.ts";
import { StreamKeeper } from "../../../src/modes/agent/tasks/stream.ts";
import { Tasks as AgentTasks } from "../../../src/modes/agent/tasks/tasks.ts";
import type { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import type { Correspondent } from "../../../src/modes/server/grpc/streams.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import type { TaskRow, TaskStore } from "../../../src/modes/server/store/tasks.ts";
import { Tasks } from "../../../src/modes/server/tasks/tasks.ts";
import { plainTask } from "../store/rows.ts";
import { random } from "../../support/random.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { swiftRoom } from "../../support/swift-room.ts";

/**
 * The server's side and the agent's side as they are, with a network between them that loses what is on its way, and both dying at any
 * moment: what a dead process would still have written, told or decided never happens. Real commands, a real database.
 */
const worlds = process.env["VIGO_TEST_ALL"] === "1" ? 1_000 : 200;
const atOnce = 20;

const envoyId = "11111111-2222-4333-8444-555555555555";
const envoy = { id: envoyId, row: { revokedAt: undefined } } as unknown as Envoy;
const pair = newKeyPair();
const signing = { id: keyId(pair.publicKey), key: signingKey(pair.seed) };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

let room: string;
let store: Store;
/** How often each target was settled. */
const settled = new Map<string, number>();

beforeAll(async () => {
  room = await swiftRoom("vigo-task-faults-");
  store = await openStore(join(room, "vigo.db"));
});
afterAll(async () => {
  await store.close();
  await removeRoom(room);
});

/** One connection: what is on its way when it is cut is lost. */
class Wire {
  isCut = false;
  readonly #toAgent: StreamResponse[] = [];
  #wake: () => void = () => {};

  push(message: StreamResponse): void {
    this.#toAgent.push(message);
    this.#wake();
  }

  cut(): void {
    this.isCut = true;
    this.#wake();
  }

  async *received(): AsyncGenerator<StreamResponse> {
    for (;;) {
      if (this.isCut) throw new VigoError("unavailable", "cut");
      const next = this.#toAgent.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** A server process. */
class ServerLife {
  /** Nobody has heard of the envoy for long. */
  readonly isAway: () => boolean;
  dead = false;
  wire: Wire | undefined;
  correspondent: Correspondent | undefined;
  tasks: Tasks | undefined;

  constructor(isAway: () => boolean) {
    this.isAway = isAway;
  }

  /** Only the tasks of one world, and nothing once it is dead. */
  #store(own: ReadonlySet<string>): Pick<Store, "tasks"> {
    const alive = <T>(work: () => Promise<T>): Promise<T> =>
      this.dead ? Promise.reject(new VigoError("unavailable", "dead")) : work();
    const { tasks } = store;
    const guarded: TaskStore = {
      ...tasks,
      unfinished: async () => (await tasks.unfinished()).filter(({ id }) => own.has(id)),
      sent: (...words) => alive(() => tasks.sent(...words)),
      end: (...words) => alive(() => tasks.end(...words)),
      stop: (...words) => alive(() => tasks.stop(...words)),
      settle: (id, endings) =>
        alive(async () => {
          const done = await tasks.settle(id, endings);
          for (const each of done) settled.set(id + each, (settled.get(id + each) ?? 0) + 1);
          return done;
        }),
    };
    return { tasks: guarded };
  }

  async start(own: ReadonlySet<string>): Promise<Tasks> {
    this.tasks = await Tasks.open({
      store: this.#store(own),
      fleet: {
        get: () => envoy,
        onRevoke: () => {},
        status: () => (this.isAway() ? "offline" : "converged"),
      },
      askHealth: async () => undefined,
      streams: {
        isOpen: () => this.wire !== undefined && !this.wire.isCut,
        serve: (correspondent) => {
          this.correspondent = correspondent;
        },
        send: (_, message) => {
          if (this.dead || this.wire === undefined || this.wire.isCut) return false;
          const whole = create(StreamResponseSchema, { message: message ?? { case: undefined } });
          const bytes = toBinary(StreamResponseSchema, whole);
          this.wire.push(fromBinary(StreamResponseSchema, bytes));
          return true;
        },
      },
      signing,
      log: silent,
    });
    return this.tasks;
  }

  kill(): void {
    this.dead = true;
    this.wire?.cut();
  }
}

/** An agent process over a disk that outlives it. */
class AgentLife {
  readonly stop = new AbortController();
  #dead = false;
  readonly tasks: AgentTasks;
  readonly done: Promise<void>;

  constructor(disk: { tasks?: unknown }, folder: string, link: () => Promise<Link>) {
    const cache = {
      get: () => disk.tasks,
      set: (_: string, value: unknown) => {
        if (!this.#dead) disk.tasks = value;
      },
    } as unknown as Pick<Cache, "get" | "set">;
    const trust = { envoyId, keys: new Map([[signing.id, verifyKey(pair.publicKey)]]) };
    const parts = { log: silent, now: Date.now, trust: () => trust };
    this.tasks = new AgentTasks({ ...parts, cache, folder });
    const keeper = { link, tasks: this.tasks, log: silent, stop: this.stop.signal, pauseMs: 2 };
    const unused = { queries: { answer: async () => undefined }, checkNow: () => {} };
    const stream = new StreamKeeper({ ...keeper, ...unused });
    this.done = stream.run();
    stream.wish(true);
    // As a check-in would, while the server has orders.
    const timer = setInterval(() => stream.wish(true), 5);
    this.stop.signal.addEventListener("abort", () => clearInterval(timer));
  }

  kill(): void {
    this.#dead = true;
    this.stop.abort();
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.done;
    await this.tasks.close();
  }
}

interface Ended {
  readonly state: string;
  readonly runs: number;
  readonly settled: number;
  readonly exit: number | undefined;
}

async function world(seed: number): Promise<readonly Ended[]> {
  const next = random(seed);
  const own = new Set<string>();
  const folder = join(room, `world-${seed}`);
  const disk = {};
  let away = false;
  const serverLife = () => new ServerLife(() => away);
  let server = serverLife();
  await server.start(own);
  const link = async () => ({
    async *stream(_: unknown, told: AsyncIterable<StreamRequest>, signal: AbortSignal) {
      if (server.dead) throw new VigoError("unavailable", "nobody listens");
      const [life, wire] = [server, new Wire()];
      signal.addEventListener("abort", () => wire.cut());
      if (signal.aborted) wire.cut();
      life.wire?.cut();
      life.wire = wire;
      life.correspondent?.opened(envoy);
      void (async () => {
        for await (const message of told) {
          await sleep(next() * 3);
          if (wire.isCut || life.dead) return;
          const bytes = toBinary(StreamRequestSchema, message);
          await life.correspondent?.heard(envoy, fromBinary(StreamRequestSchema, bytes).message);
        }
      })().catch(() => wire.cut());
      yield* wire.received();
    },
  });
  const startAgent = () => new AgentLife(disk, folder, link as unknown as () => Promise<Link>);
  let agent = startAgent();

  const marks: string[] = [];
  const rows: TaskRow[] = [];
  const order = async () => {
    const mark = `${folder}-${rows.length}`;
    const pause = next() < 0.5 ? 0 : next() * 0.03;
    const row: TaskRow = {
      id: Bun.randomUUIDv7(),
      actor: "test",
      createdAt: Date.now(),
      command: `echo x >> ${mark}; sleep ${pause.toFixed(3)}; echo done`,
      asked: [],
      timeoutMs: 20_000,
      // Some are over before the envoy is back, or while the order is on its way.
      expiresAt: Date.now() + (next() < 0.3 ? Math.floor(next() * 120) : 60_000),
      maxFailures: undefined,
      outputLimit: 1_000,
      force: false,
      ...plainTask,
      state: "running",
      endedAt: undefined,
      reason: "",
    };
    own.add(row.id);
    rows.push(row);
    marks.push(mark);
    await server.tasks?.begin(row, [{ envoyId, hostname: "h", batch: 0 }], entry(row.id));
  };
  const faults: (() => Promise<void> | void)[] = [
    () => server.wire?.cut(),
    () => server.wire?.cut(),
    async () => {
      server.kill();
      await sleep(next() * 10);
      server = serverLife();
      await server.start(own);
    },
    async () => {
      agent.kill();
      await sleep(next() * 10);
      agent = startAgent();
    },
    async () => {
      await agent.end();
      agent = startAgent();
    },
    async () => {
      if (next() < 0.5) agent.kill();
      else await agent.end();
      away = true;
      await sleep(next() * 100);
      if (rows.length < 3) await order();
      await sleep(next() * 100);
      away = false;
      agent = startAgent();
    },
    async () => {
      const task = server.tasks?.find(rows[Math.floor(next() * rows.length)]?.id ?? "");
      if (task !== undefined && !task.isStopped)
        await server.tasks?.cancel(task, "test", entry(task.id));
    },
  ];
  await order();
  for (let step = 0; step < 5; step++) {
    await sleep(next() * 25);
    await faults[Math.floor(next() * faults.length)]?.();
    if (rows.length < 3) await order();
  }
  const deadline = Date.now() + 30_000;
  while ((server.tasks && rows.some(({ id }) => server.tasks?.find(id))) || agent.tasks.hasNews) {
    if (Date.now() > deadline) throw new Error(`world ${seed} does not come to its end`);
    await server.tasks?.tick();
    await sleep(5);
  }
  await agent.end();
  server.kill();
  return Promise.all(rows.map(async ({ id }, at) => outcome(id, marks[at] ?? "")));
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
    all.push(...(await Promise.all(seeds.map(world))).flat());
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
