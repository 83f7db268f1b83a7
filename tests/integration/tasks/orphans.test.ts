import { afterAll, beforeAll, expect, test } from "bun:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyId, newKeyPair, signingKey, verifyKey } from "../../../src/core/pki/keys.ts";
import { OrderKind, TaskOrderSchema } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { sealOrder } from "../../../src/core/wire/order.ts";
import type { Cache, TaskRecord } from "../../../src/modes/agent/cache.ts";
import { Tasks } from "../../../src/modes/agent/tasks/tasks.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { until } from "../agent/real-agent.ts";

/** An agent that dies while real commands run, as the next one finds them. */
const envoyId = "11111111-2222-4333-8444-555555555555";
const pair = newKeyPair();
const signing = { id: keyId(pair.publicKey), key: signingKey(pair.seed) };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-orphans-"));
});
afterAll(() => removeRoom(room));

type Records = Record<string, TaskRecord>;

/** What is written after its death never reaches the disk. */
class Life {
  dead = false;
  readonly tasks: Tasks;

  constructor(disk: { tasks: Records }, tells?: boolean) {
    const cache = {
      get: () => disk.tasks,
      set: (_: string, value: Records) => {
        if (!this.dead) disk.tasks = value;
      },
    } as unknown as Pick<Cache, "get" | "set">;
    const trust = { envoyId, keys: new Map([[signing.id, verifyKey(pair.publicKey)]]) };
    this.tasks = new Tasks({
      cache,
      folder: join(room, "tasks"),
      log: silent,
      now: Date.now,
      trust: () => trust,
      ...(tells === undefined ? {} : { tells }),
    });
  }

  begin(id: string, order: { command?: string; argv?: string[]; params?: string; nice?: number }) {
    const whole = create(TaskOrderSchema, { timeoutMs: 60_000, outputLimit: 10_000, ...order });
    const issuedAtMs = BigInt(Date.now());
    const about = { id, envoyId, issuedAtMs, expiresAtMs: issuedAtMs + 60_000n };
    const payload = toBinary(TaskOrderSchema, whole);
    this.tasks.obey(sealOrder({ ...about, kind: OrderKind.TASK, payload }, signing));
  }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
};

const numberIn = (file: string) =>
  until(`${file} is written`, async () => {
    const text = await readFile(file, "utf8").catch(() => "");
    return text.endsWith("\n") ? Number(text) : undefined;
  });

/** A task of two processes whose agent has died; `more` changes what is on its disk. */
async function orphaned(
  more: (record: TaskRecord) => TaskRecord = (record) => record,
  tells?: boolean,
) {
  const id = crypto.randomUUID();
  const file = join(room, id);
  const disk = { tasks: {} as Records };
  const life = new Life(disk);
  life.begin(id, { command: `sleep 55.5 & echo $! > ${file}; wait` });
  const pid = await numberIn(file);
  life.dead = true;
  const record = disk.tasks[id];
  if (record === undefined) throw new Error("it was not recorded");
  disk.tasks = { [id]: more(record) };
  const next = new Life(disk, tells);
  const result = await until("it has ended", async () => disk.tasks[id]?.result);
  const left = alive(pid);
  await life.tasks.close();
  await next.tasks.close();
  return { result, left };
}

test("what it left running is stopped, and told", async () => {
  const { result, left } = await orphaned();
  expect(result).toMatchObject({
    state: "interrupted",
    reason:
      "the agent ended while it ran, and did not start it again; 2 processes of it were stopped",
  });
  expect(left).toBe(false);
});

test("an agent that died before it knew the process finds it by its mark", async () => {
  const { result, left } = await orphaned(({ process: _, ...rest }) => rest);
  expect([result?.reason.split("; ")[1], left]).toEqual(["2 processes of it were stopped", false]);
});

test("where the system does not tell what runs, nobody says that nothing does", async () => {
  const { result, left } = await orphaned(undefined, false);
  expect(result?.state).toBe("interrupted");
  expect(result?.reason).toMatch(/; what it may have left running was not stopped: this system/);
  expect(left).toBe(true);
});

test("a number that another process has now, or had before the last boot, is nobody's orphan", async () => {
  const other = (change: Partial<NonNullable<TaskRecord["process"]>>) => (record: TaskRecord) => ({
    ...record,
    ...(record.process && { process: { ...record.process, ...change } }),
  });
  const own = { pid: process.pid, start: "1" };
  for (const change of [own, { boot: "another" }]) {
    const { result, left } = await orphaned(other(change));
    expect([result?.reason.split("; ")[1], left]).toEqual(["nothing of it was left running", true]);
  }
});

test("a named task gets its values as words, variables and JSON, as niceness what was asked for", async () => {
  const disk = { tasks: {} as Records };
  const life = new Life(disk);
  const file = join(room, "named");
  const id = crypto.randomUUID();
  const script = `printf '%s|%s|' "$1" "$VIGO_PARAM_UNIT" > ${file}; cat >> ${file}; nice >> ${file}`;
  const params = '{"unit":"a; touch /tmp/x $(id)","count":3}';
  life.begin(id, {
    argv: ["sh", "-c", script, "name", "a; b"],
    params,
    nice: 7,
  });
  const result = await until("it has ended", async () => disk.tasks[id]?.result);
  expect(result).toMatchObject({ state: "ok", exitCode: 0 });
  const base = Number(await Bun.$`nice`.text());
  expect(await readFile(file, "utf8")).toBe(
    `a; b|a; touch /tmp/x $(id)|${params}${Math.min(19, base + 7)}\n`,
  );
  await life.tasks.close();
});

test("what cannot be read is not obeyed", async () => {
  const disk = { tasks: {} as Records };
  const life = new Life(disk);
  life.begin(crypto.randomUUID(), { argv: ["true"], params: "no" });
  expect(disk.tasks).toEqual({});
  await life.tasks.close();
});
