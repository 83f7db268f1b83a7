import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fromBinary } from "@bufbuild/protobuf";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../../src/core/errors.ts";
import { keyId, newKeyPair, signingKey } from "../../../src/core/pki/keys.ts";
import {
  OrderKind,
  OrderSchema,
  TaskOrderSchema,
  TaskState,
} from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import type { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import type { Correspondent } from "../../../src/modes/server/grpc/streams.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import type { TaskRow, TaskStore } from "../../../src/modes/server/store/tasks.ts";
import { Tasks, type TasksOptions } from "../../../src/modes/server/tasks/tasks.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { entry, task } from "../store/rows.ts";

/** The server's side as it is, over a real database; envoys answer when they are told to. */
const pair = newKeyPair();
const signing = { id: keyId(pair.publicKey), key: signingKey(pair.seed) };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

let room: string;
let store: Store;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-rolling-"));
  store = await openStore(join(room, "vigo.db"));
});
afterAll(async () => {
  await store.close();
  await removeRoom(room);
});

const envoyOf = (id: string) => ({ id, row: { revokedAt: undefined } }) as unknown as Envoy;

class World {
  readonly online = new Set<string>();
  /** Orders as they went out: `e1 TASK true`. */
  readonly sent: string[] = [];
  /** Of the last order to each. */
  readonly taskOf = new Map<string, string>();
  now = 1_000_000;
  answers: (string | undefined)[] = [];
  asked = 0;
  /** How often it was asked whether an envoy is there. */
  looks = 0;
  tasks!: Tasks;
  #onLeap: ((by: number) => void) | undefined;
  #correspondent!: Correspondent;
  readonly #own = new Set<string>();
  #writes = 0;
  #busy = 0;

  async start(): Promise<Tasks> {
    const { tasks } = store;
    const options: TasksOptions = {
      store: {
        tasks: {
          ...this.#counted(tasks),
          unfinished: async () => (await tasks.unfinished()).filter((row) => this.#owns(row)),
        },
      },
      fleet: {
        get: envoyOf,
        onRevoke: () => {},
        status: ({ id }) => (this.#isThere(id) ? "converged" : "offline"),
      },
      streams: {
        isOpen: (id) => this.#isThere(id),
        serve: (correspondent) => {
          this.#correspondent = correspondent;
        },
        send: (id, message) => {
          if (message?.case === "order") this.#note(id, message.value.order ?? new Uint8Array());
          return true;
        },
      },
      signing,
      log: silent,
      now: () => this.now,
      onLeap: (listener) => {
        this.#onLeap = listener;
      },
      askHealth: async () => {
        this.asked++;
        const isMore = this.answers.length > 1;
        // Another answer is to come: it is asked again.
        if (isMore) this.#writes++;
        const why = isMore ? this.answers.shift() : this.answers[0];
        return why === undefined ? undefined : { why };
      },
    };
    this.tasks = await Tasks.open(options);
    return this.tasks;
  }

  #isThere(id: string): boolean {
    this.looks++;
    return this.online.has(id);
  }

  async order(envoys: Iterable<string>, more: Partial<TaskRow> = {}) {
    const row = task(Bun.randomUUIDv7(), { expiresAt: this.now + 3_600_000, ...more });
    this.#own.add(row.id);
    const size = row.batchSize ?? Number.POSITIVE_INFINITY;
    const targets = [...envoys].map((envoyId, at) => ({
      envoyId,
      hostname: `host-${envoyId}`,
      batch: Math.floor(at / size),
    }));
    return this.tasks.begin(row, targets, entry());
  }

  leap(by: number): void {
    this.now += by;
    this.#onLeap?.(by);
  }

  come(...ids: readonly string[]): void {
    for (const id of ids) {
      this.online.add(id);
      this.#correspondent?.opened(envoyOf(id));
    }
  }

  /** These end what they were ordered last. */
  async end(ids: string, state = TaskState.OK): Promise<void> {
    await this.tell(ids, state);
    await this.settle();
  }

  async tell(ids: Iterable<string>, state = TaskState.OK): Promise<void> {
    for (const id of ids) {
      const value = { taskId: this.taskOf.get(id) ?? "", state, reason: "", droppedBytes: 0n };
      const result = {
        ...value,
        endedAtMs: BigInt(this.now),
        exitCode: state === TaskState.OK ? 0 : 1,
      };
      await this.#correspondent.heard(envoyOf(id), { case: "result", value: result } as never);
    }
  }

  /** Until a tick has nothing to write, or to ask, any more. */
  async settle(): Promise<void> {
    // What an address answers is heeded a turn later, so that one quiet tick is not enough.
    for (let [quiet, before] = [0, -1]; quiet < 3; quiet++) {
      if (before !== this.#writes) quiet = 0;
      before = this.#writes;
      await this.tasks.tick();
      do await sleep(1);
      while (this.#busy > 0);
    }
  }

  /** As it is, but it says when it is written to. */
  #counted(tasks: TaskStore): TaskStore {
    const writes = ["create", "sent", "settle", "stop", "pause", "advance", "end"] as const;
    const counted = writes.map((name) => {
      const write = tasks[name] as (...words: readonly unknown[]) => Promise<unknown>;
      const count = async (...words: readonly unknown[]) => {
        this.#writes++;
        this.#busy++;
        return write(...words).finally(() => this.#busy--);
      };
      return [name, count] as const;
    });
    return {
      ...tasks,
      ...(Object.fromEntries(counted) as Pick<TaskStore, (typeof writes)[number]>),
    };
  }

  /** What went out since it was asked last. */
  news(): string {
    return this.sent.splice(0).sort().join(" ");
  }

  #owns({ id, checkOf }: TaskRow): boolean {
    return this.#own.has(id) || (checkOf !== undefined && this.#own.has(checkOf));
  }

  #note(envoyId: string, bytes: Uint8Array): void {
    const { kind, id, payload } = fromBinary(OrderSchema, bytes);
    if (kind === OrderKind.CANCEL) this.sent.push(`${envoyId}:cancel`);
    else {
      this.taskOf.set(envoyId, id);
      this.sent.push(`${envoyId}:${fromBinary(TaskOrderSchema, payload).command}`);
    }
  }
}

async function world(online: string): Promise<World> {
  const w = new World();
  await w.start();
  w.come(...online);
  return w;
}

const day = 86_400_000;
const shown = async (id: string) => {
  const row = await store.tasks.find(id);
  const targets = await store.tasks.targets(id);
  return {
    state: row?.state,
    reason: row?.reason,
    ends: targets.map(({ envoyId, ending }) => `${envoyId}:${ending?.state ?? "open"}`).join(" "),
  };
};

describe("batches", () => {
  test("come one after the other, each when the one before has ended", async () => {
    const w = await world("abcde");
    const { id } = await w.order("abcde", { batchSize: 2 });
    expect(w.news()).toBe("a:true b:true");
    await w.end("a");
    expect(w.news()).toBe("");
    await w.end("b");
    expect(w.news()).toBe("c:true d:true");
    await w.end("cd");
    expect(w.news()).toBe("e:true");
    await w.end("e");
    expect(await shown(id)).toMatchObject({ state: "done", ends: "a:ok b:ok c:ok d:ok e:ok" });
    expect(w.tasks.find(id)).toBeUndefined();
  });

  test("end when more than so many have failed, and those who have not begun are cancelled", async () => {
    const w = await world("abcd");
    const { id } = await w.order("abcd", { batchSize: 2, maxFailures: 1 });
    w.news();
    await w.end("ab", TaskState.FAILED);
    expect(w.news()).toBe("");
    expect(await shown(id)).toEqual({
      state: "stopped",
      reason: "more than 1 have failed",
      ends: "a:failed b:failed c:cancelled d:cancelled",
    });
  });

  test("do not wait for who is away; who comes late begins, never more at once than a batch has", async () => {
    const w = await world("acdf");
    const { id } = await w.order("abcdef", { batchSize: 2 });
    expect(w.news()).toBe("a:true");
    await w.end("a");
    expect(w.news()).toBe("c:true d:true");
    w.come("b");
    await w.settle();
    expect(w.news()).toBe("");
    await w.end("c");
    expect(w.news()).toBe("b:true");
    await w.end("bd");
    expect(w.news()).toBe("f:true");
    await w.end("f");
    expect((await shown(id)).ends).toBe("a:ok b:ok c:ok d:ok e:open f:ok");
    w.now += 3_600_000;
    await w.settle();
    expect(await shown(id)).toMatchObject({
      state: "done",
      ends: "a:ok b:ok c:ok d:ok e:expired f:ok",
    });
  });

  test("do not wait for ever for who has vanished; what it says later counts", async () => {
    const w = await world("ab");
    const { id } = await w.order("ab", { batchSize: 1, timeoutMs: 60_000 });
    w.news();
    w.online.delete("a");
    w.now += 89_999;
    await w.settle();
    expect(w.news()).toBe("");
    w.now += 1;
    await w.settle();
    expect(w.news()).toBe("b:true");
    await w.end("b");
    w.come("a");
    expect(w.news()).toBe("a:true");
    await w.end("a");
    expect(await shown(id)).toMatchObject({ state: "done", ends: "a:ok b:ok" });
  });

  test("go on where they were after a restart", async () => {
    const w = await world("abcd");
    const { id } = await w.order("abcd", { batchSize: 1 });
    await w.end("a");
    await w.end("b");
    w.news();
    await w.start();
    expect(w.tasks.find(id)?.row.batch).toBe(2);
    await w.end("c");
    expect(w.news()).toBe("d:true");
    await w.end("d");
    expect((await shown(id)).state).toBe("done");
  });
});

describe.each([400 * day, -2 * day])("a clock that leaps by %i", (by) => {
  test("neither ends what has time left, nor gives it more", async () => {
    const w = await world("a");
    w.now = 1_000 * day;
    const { id } = await w.order("ab", { timeoutMs: 60_000, createdAt: w.now });
    expect(w.news()).toBe("a:true");
    w.online.delete("a");
    w.now += 3_000_000;
    w.leap(by);
    await w.settle();
    expect((await shown(id)).ends).toBe("a:open b:open");
    await w.start();
    w.now += 599_999;
    await w.settle();
    expect((await shown(id)).ends).toBe("a:open b:open");
    w.now += 1;
    await w.settle();
    expect((await shown(id)).ends).toBe("a:open b:expired");
    w.now += 60_000 + day;
    await w.settle();
    expect((await shown(id)).ends).toBe("a:interrupted b:expired");
  });

  test("leaves an address the time that it had to become well", async () => {
    const w = await world("ab");
    w.now = 1_000 * day;
    w.answers = ["is not well", "is not well", "is not well", undefined];
    await w.order("ab", { batchSize: 1, healthCheck: "https://x/health", createdAt: w.now });
    w.news();
    await w.tell("a");
    for (let tick = 0; w.asked === 0 && tick < 1_000; tick++) {
      await w.tasks.tick();
      await sleep(1);
    }
    w.leap(by);
    await w.settle();
    expect(w.news()).toBe("b:true");
  });
});

test("what was ordered by a clock that was ahead, and put right while no server ran, waits no longer", async () => {
  const w = await world("");
  w.now = 1_000 * day;
  const { id } = await w.order("a", { createdAt: w.now });
  w.now -= 400 * day;
  await w.start();
  w.now += 3_599_999;
  await w.settle();
  expect((await shown(id)).ends).toBe("a:open");
  w.now += 1;
  await w.settle();
  expect((await shown(id)).ends).toBe("a:expired");
});

describe("a person", () => {
  test("pauses: nobody begins, who runs it goes on; then resumes", async () => {
    const w = await world("ab");
    const task = await w.order("abc", { batchSize: 1 });
    w.news();
    await w.tasks.pause(task, true, "paused by me", entry("task.pause"));
    await w.end("a");
    w.come("c");
    await w.settle();
    expect(w.news()).toBe("");
    expect(await shown(task.id)).toMatchObject({ state: "paused", reason: "paused by me" });
    await w.start();
    await w.settle();
    expect(w.news()).toBe("");
    const again = w.tasks.find(task.id);
    if (again === undefined) throw new Error("it is gone");
    const pause = w.tasks.pause(again, true, "", entry()).catch((error: unknown) => error);
    expect(await pause).toBeInstanceOf(VigoError);
    await w.tasks.pause(again, false, "", entry("task.resume"));
    await w.settle();
    expect(w.news()).toBe("b:true");
    await w.end("b");
    await w.end("c");
    expect((await shown(task.id)).state).toBe("done");
  });

  test("aborts: nobody else begins, who runs it ends as it ends", async () => {
    const w = await world("ab");
    const task = await w.order("ab", { batchSize: 1 });
    w.news();
    await w.tasks.abort(task, "aborted by me", entry("task.abort"));
    expect(await shown(task.id)).toMatchObject({ state: "stopped", ends: "a:open b:cancelled" });
    expect(w.news()).toBe("");
    await w.end("a");
    expect((await shown(task.id)).ends).toBe("a:ok b:cancelled");
    expect(w.tasks.find(task.id)).toBeUndefined();
  });

  test("cancels: who runs it is told to stop", async () => {
    const w = await world("ab");
    const task = await w.order("ab", { batchSize: 1 });
    w.news();
    await w.tasks.cancel(task, "cancelled by me", entry("task.cancel"));
    expect(w.news()).toBe("a:cancel");
    await w.end("a", TaskState.CANCELLED);
    expect((await shown(task.id)).ends).toBe("a:cancelled b:cancelled");
  });

  test("waits for its end", async () => {
    const w = await world("a");
    const { id } = await w.order("a");
    let over = false;
    const ended = w.tasks.ended(id).then(() => {
      over = true;
    });
    await w.settle();
    expect(over).toBe(false);
    await w.end("a");
    await ended;
    await w.tasks.ended(id);
  });
});

describe("a health check", () => {
  test("by address: asked after each batch until it is well, the last one too", async () => {
    const w = await world("abc");
    w.answers = ["answers 503", "answers 503", undefined];
    const { id } = await w.order("abc", { batchSize: 2, healthCheck: "https://x/health" });
    w.news();
    await w.end("ab");
    expect([w.news(), w.asked]).toEqual(["c:true", 3]);
    await w.end("c");
    expect([await shown(id), w.asked]).toMatchObject([{ state: "done" }, 4]);
  });

  test("by address: the task is not over before it is well after the last batch", async () => {
    const w = await world("ab");
    const { id } = await w.order("ab", { healthCheck: "https://x/health" });
    w.answers = ["answers 503"];
    await w.end("ab");
    expect([w.tasks.find(id)?.checking, (await shown(id)).state]).toEqual([true, "running"]);
    await w.start();
    await w.settle();
    w.now += 30_000;
    await w.settle();
    expect(await shown(id)).toEqual({
      state: "stopped",
      reason: "the health check after batch 1: https://x/health answers 503",
      ends: "a:ok b:ok",
    });
    expect(w.tasks.find(id)).toBeUndefined();
  });

  test("by command: after the last batch, and after who came late, each once", async () => {
    const w = await world("ac");
    const { id } = await w.order("abc", { batchSize: 2, healthCheck: "check-me" });
    await w.end("a");
    w.news();
    await w.end("a");
    expect(w.news()).toBe("c:true");
    await w.end("c");
    expect(w.news()).toBe("c:check-me");
    await w.end("c");
    // The one that is away is still to come, and the server begins anew.
    expect([w.news(), (await shown(id)).state]).toEqual(["", "running"]);
    await w.start();
    w.come("b");
    await w.settle();
    expect(w.news()).toBe("b:true");
    await w.end("b");
    expect(w.news()).toBe("b:check-me");
    await w.end("b", TaskState.FAILED);
    expect(await shown(id)).toEqual({
      state: "stopped",
      reason: "the health check after batch 2: it is failed on host-b",
      ends: "a:ok b:ok c:ok",
    });
  });

  test("by command: who begins late while it is made is looked after too, before others begin", async () => {
    const w = await world("ac");
    const { id } = await w.order("abc", { batchSize: 2, healthCheck: "check-me" });
    await w.end("a");
    w.news();
    w.come("b");
    await w.settle();
    expect(w.news()).toBe("b:true");
    await w.end("a");
    await w.end("b");
    expect(w.news()).toBe("b:check-me");
    await w.end("b");
    expect(w.news()).toBe("c:true");
    expect((await shown(id)).state).toBe("running");
  });

  test("by address: nobody begins while it is asked, and what is not well in time stops the task", async () => {
    const w = await world("abc");
    w.answers = ["answers 503"];
    const { id } = await w.order("abc", { batchSize: 1, healthCheck: "https://x/health" });
    w.news();
    await w.end("a");
    expect(w.tasks.find(id)?.checking).toBe(true);
    expect(w.news()).toBe("");
    w.now += 30_000;
    await w.settle();
    expect(await shown(id)).toEqual({
      state: "stopped",
      reason: "the health check after batch 1: https://x/health answers 503",
      ends: "a:ok b:cancelled c:cancelled",
    });
  });

  test("by command: runs on those of the batch that were reached, also over a restart", async () => {
    const w = await world("abcd");
    const { id } = await w.order("abcd", { batchSize: 2, healthCheck: "check-me" });
    w.news();
    await w.end("a");
    await w.end("b", TaskState.INTERRUPTED);
    expect(w.news()).toBe("a:check-me");
    await w.start();
    w.come("a");
    await w.settle();
    expect(w.news()).toBe("a:check-me");
    await w.end("a");
    expect(w.news()).toBe("c:true d:true");
    const checks = (await store.tasks.page(50)).filter(({ checkOf }) => checkOf === id);
    expect(checks.map(({ state, checkBatch, actor }) => [state, checkBatch, actor])).toEqual([
      ["done", 0, "vigo"],
    ]);
  });

  test("by command: one envoy that is not well stops the task", async () => {
    const w = await world("abcd");
    const { id } = await w.order("abcd", { batchSize: 2, healthCheck: "check-me" });
    await w.end("ab");
    w.news();
    await w.end("a");
    await w.end("b", TaskState.TIMED_OUT);
    expect(await shown(id)).toEqual({
      state: "stopped",
      reason: "the health check after batch 1: it is timed out on host-b",
      ends: "a:ok b:ok c:cancelled d:cancelled",
    });
  });

  test("by command: is cancelled with its task", async () => {
    const w = await world("ab");
    const task = await w.order("ab", { batchSize: 1, healthCheck: "check-me" });
    await w.end("a");
    expect(w.news()).toBe("a:check-me a:true");
    await w.tasks.cancel(task, "enough", entry());
    expect(w.news()).toBe("a:cancel");
    await w.end("a", TaskState.CANCELLED);
    expect(await shown(task.id)).toMatchObject({ state: "cancelled", ends: "a:ok b:cancelled" });
    expect(w.tasks.find(task.id)).toBeUndefined();
  });

  test("who comes late while it is made begins, and the batch is over after that", async () => {
    const w = await world("ac");
    w.answers = ["answers 503"];
    const { id } = await w.order("abc", { batchSize: 2, healthCheck: "https://x/health" });
    await w.end("a");
    w.news();
    expect(w.tasks.find(id)?.checking).toBe(true);
    w.come("b");
    await w.settle();
    expect(w.news()).toBe("b:true");
    w.answers = [undefined];
    await w.end("b");
    expect(w.news()).toBe("c:true");
  });
});

describe("many", () => {
  const ids = Array.from({ length: 60 }, (_, at) => `e${at}`);

  test.each([
    ["at once", undefined],
    ["as a batch", 40],
  ])("who come and end one by one, %s, are not all looked at each time", async (_, batchSize) => {
    const w = await world("");
    await w.order(ids, { batchSize });
    w.looks = 0;
    for (const id of ids.slice(0, batchSize)) {
      w.come(id);
      while (!w.taskOf.has(id)) await sleep(1);
      await w.tell([id]);
    }
    expect(w.looks).toBeLessThan(10 * ids.length);
  });
});
