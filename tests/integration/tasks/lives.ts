/**
 * A server and an agent that live and die as processes do, and a network between them that loses, doubles and repeats what is on its
 * way: what a dead process would still have written, told or decided never happens. Must not know which faults there are, nor when.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
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
import type { Store } from "../../../src/modes/server/store/store.ts";
import type { TaskStore } from "../../../src/modes/server/store/tasks.ts";
import { Tasks } from "../../../src/modes/server/tasks/tasks.ts";

export const envoyId = "11111111-2222-4333-8444-555555555555";
const envoy = { id: envoyId, row: { revokedAt: undefined } } as unknown as Envoy;
const pair = newKeyPair();
const signing = { id: keyId(pair.publicKey), key: signingKey(pair.seed) };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** What all lives of one world have in common. */
export interface Surroundings {
  readonly store: Store;
  /** From 0 to 1. */
  next(): number;
  /** Tasks of this world. */
  readonly own: ReadonlySet<string>;
  /** Nobody has heard of the envoy for long. */
  isAway(): boolean;
  /** What each clock differs from the true time by, in milliseconds. */
  readonly leapt: { server: number; agent: number };
  /** How often each target was settled, by task. */
  readonly settled: Map<string, number>;
  /** All that ever went to the agent. */
  readonly sent: StreamResponse[];
  /** This server is to die now, between what it has written down and what it would do next. */
  dies(server: ServerLife): void;
}

/** One connection: what is on its way when it is cut is lost. */
class Wire {
  isCut = false;
  #hasEnded = false;
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

  /** The server has no more use of it: what is on its way arrives. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  async *received(): AsyncGenerator<StreamResponse> {
    for (;;) {
      if (this.isCut) throw new VigoError("unavailable", "cut");
      const next = this.#toAgent.shift();
      if (next !== undefined) yield next;
      else if (this.#hasEnded) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** How often a message is lost with its connection, goes twice, or the server dies at this very moment. */
const odds = { lost: 0.02, twice: 0.1, dies: 0.02 };

/** A server process. */
export class ServerLife {
  dead = false;
  wire: Wire | undefined;
  correspondent: Correspondent | undefined;
  tasks: Tasks | undefined;
  readonly #around: Surroundings;
  readonly #onLeap: ((by: number) => void)[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** The clock is set; whoever keeps times hears of it first. */
  leap(by: number): void {
    for (const hear of this.#onLeap) hear(by);
    this.#around.leapt.server += by;
  }

  /** Only the tasks of one world, and nothing once it is dead; it may die as soon as something is on disk. */
  #store(): Pick<Store, "tasks"> {
    const { own, settled, next, store, dies } = this.#around;
    const { tasks } = store;
    const alive = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.dead) throw new VigoError("unavailable", "dead");
      const done = await work();
      if (next() < odds.dies) dies(this);
      if (this.dead) throw new VigoError("unavailable", "died");
      return done;
    };
    const guarded: TaskStore = {
      ...tasks,
      unfinished: async () => (await tasks.unfinished()).filter(({ id }) => own.has(id)),
      sent: (...words) => alive(() => tasks.sent(...words)),
      end: (...words) => alive(() => tasks.end(...words)),
      stop: (...words) => alive(() => tasks.stop(...words)),
      retime: (...words) => alive(() => tasks.retime(...words)),
      settle: (id, endings) =>
        alive(async () => {
          const done = await tasks.settle(id, endings);
          for (const each of done) settled.set(id + each, (settled.get(id + each) ?? 0) + 1);
          return done;
        }),
    };
    return { tasks: guarded };
  }

  async start(): Promise<void> {
    const { isAway, leapt } = this.#around;
    this.tasks = await Tasks.open({
      store: this.#store(),
      fleet: {
        get: () => envoy,
        onRevoke: () => {},
        status: () => (isAway() ? "offline" : "converged"),
      },
      askHealth: async () => undefined,
      streams: {
        isOpen: () => this.wire !== undefined && !this.wire.isCut,
        serve: (correspondent) => {
          this.correspondent = correspondent;
        },
        send: (_, message) => this.#send(message),
      },
      signing,
      log: silent,
      now: () => Date.now() + leapt.server,
      onLeap: (hear) => void this.#onLeap.push(hear),
    });
  }

  #send(message: Parameters<Channel["send"]>[1]): boolean {
    const { next, sent } = this.#around;
    const { wire } = this;
    if (this.dead || wire === undefined || wire.isCut) return false;
    const whole = create(StreamResponseSchema, { message: message ?? { case: undefined } });
    const bytes = toBinary(StreamResponseSchema, whole);
    const arrived = () => fromBinary(StreamResponseSchema, bytes);
    sent.push(arrived());
    if (next() < odds.lost) wire.cut();
    wire.push(arrived());
    if (next() < odds.twice) wire.push(arrived());
    return true;
  }

  /** What went to the agent once goes again, as an old connection might bring it late. */
  repeat(): void {
    const { sent, next } = this.#around;
    const old = sent[Math.floor(next() * sent.length)];
    if (old !== undefined) this.wire?.push(old);
  }

  /** The agent has another stream, and the one before is still there. */
  greet(): void {
    if (!this.dead && this.wire?.isCut === false) this.correspondent?.opened(envoy);
  }

  kill(): void {
    this.dead = true;
    this.wire?.cut();
  }

  /** What an agent's link to whichever server lives opens. */
  accept(told: AsyncIterable<StreamRequest>, signal: AbortSignal): AsyncIterable<StreamResponse> {
    const wire = new Wire();
    signal.addEventListener("abort", () => wire.cut());
    if (signal.aborted) wire.cut();
    this.wire?.cut();
    this.wire = wire;
    this.correspondent?.opened(envoy);
    this.#hear(wire, told).catch(() => wire.cut());
    return wire.received();
  }

  async #hear(wire: Wire, told: AsyncIterable<StreamRequest>): Promise<void> {
    const { next } = this.#around;
    for await (const message of told) {
      await sleep(next() * 3);
      if (wire.isCut || this.dead) return;
      const bytes = toBinary(StreamRequestSchema, message);
      const times = next() < odds.twice ? 2 : 1;
      for (let time = 0; time < times; time++)
        await this.correspondent?.heard(envoy, fromBinary(StreamRequestSchema, bytes).message);
    }
  }
}

type Channel = Parameters<typeof Tasks.open>[0]["streams"];

/** An agent process over a disk that outlives it. */
export class AgentLife {
  readonly stop = new AbortController();
  #dead = false;
  readonly tasks: AgentTasks;
  readonly done: Promise<void>;

  constructor(
    disk: { tasks?: unknown },
    folder: string,
    around: { readonly server: () => ServerLife; readonly leapt: { readonly agent: number } },
  ) {
    const cache = {
      get: () => disk.tasks,
      set: (_: string, value: unknown) => {
        if (!this.#dead) disk.tasks = value;
      },
    } as unknown as Pick<Cache, "get" | "set">;
    const trust = { envoyId, keys: new Map([[signing.id, verifyKey(pair.publicKey)]]) };
    const now = () => Date.now() + around.leapt.agent;
    const parts = { log: silent, now, trust: () => trust };
    this.tasks = new AgentTasks({ ...parts, cache, folder });
    const link = async () =>
      ({
        stream: (_: unknown, told: AsyncIterable<StreamRequest>, signal: AbortSignal) => {
          const server = around.server();
          if (server.dead) throw new VigoError("unavailable", "nobody listens");
          return server.accept(told, signal);
        },
      }) as unknown as Link;
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
