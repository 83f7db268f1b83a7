import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import type { WorkflowRunRow } from "../../../src/modes/server/store/workflows.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { entry } from "./rows.ts";

let room: string;
let store: Store;

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-store-workflows-"));
  store = await openStore(join(room, "vigo.db"));
});
afterAll(async () => {
  await store.close();
  await removeRoom(room);
});

const members = [
  { envoyId: "b", hostname: "web-1", batch: 1 },
  { envoyId: "a", hostname: "web-2", batch: 0 },
];

async function made(more: Partial<WorkflowRunRow> = {}): Promise<WorkflowRunRow> {
  const row: WorkflowRunRow = {
    id: Bun.randomUUIDv7(),
    workflow: "upgrade",
    version: 7,
    pinned: {
      name: "upgrade",
      place: "workflows/upgrade.vgo:1",
      description: "",
      batches: ["100%"],
      maxFailures: "0",
      timeoutMs: 1,
      steps: [],
      onFailure: [],
    },
    params: { unit: "nginx", times: 2, all: true },
    actor: "ada",
    asked: ["@web"],
    createdAt: 10,
    batches: 2,
    maxFailures: 0,
    state: "running",
    verdict: undefined,
    undoBatch: 0,
    reason: "",
    endedAt: undefined,
    ...more,
  };
  await store.workflows.create(row, members, entry());
  return row;
}

const begun = (runId: string, key: string, taskId?: string) => ({
  runId,
  key,
  startedAt: 20,
  taskId,
  envoys: ["a", "b"],
});
const ending = { state: "failed", endedAt: 30, reason: "why", by: undefined } as const;

describe("store: workflows", () => {
  test("gives back what was kept, with its machines by batch", async () => {
    const row = await made();
    expect(await store.workflows.find(row.id)).toEqual(row);
    expect(await store.workflows.find("none")).toBeUndefined();
    const kept = await store.workflows.members(row.id);
    expect(kept.map(({ envoyId, batch, failedAt }) => [envoyId, batch, failedAt])).toEqual([
      ["a", 0, undefined],
      ["b", 1, undefined],
    ]);
  });

  test("keeps the first beginning of a step, and the first ending", async () => {
    const { id } = await made();
    const first = await store.workflows.begin(begun(id, "2.1", "one"));
    const again = await store.workflows.begin(begun(id, "2.1", "two"));
    expect([first.taskId, again.taskId]).toEqual(["one", "one"]);
    await store.workflows.begin(begun(id, "1.1"));
    const failures = [{ envoyId: "b", reason: "exit code 1" }];
    expect(await store.workflows.settle(id, "2.1", ending, failures)).toBe(true);
    const late = { ...ending, state: "ok" } as const;
    const others = [{ envoyId: "a", reason: "late" }];
    expect(await store.workflows.settle(id, "2.1", late, others, entry())).toBe(false);
    const steps = await store.workflows.steps(id);
    expect(steps.map(({ key, ending: ended }) => [key, ended?.state])).toEqual([
      ["2.1", "failed"],
      ["1.1", undefined],
    ]);
    const kept = await store.workflows.members(id);
    expect(kept.map(({ envoyId, failedAt, reason }) => [envoyId, failedAt, reason])).toEqual([
      ["a", undefined, ""],
      ["b", "2.1", "exit code 1"],
    ]);
  });

  test("gives a run that has not ended other times, and its open steps", async () => {
    const { id } = await made();
    for (const key of ["1.1", "1.2"]) await store.workflows.begin(begun(id, key));
    await store.workflows.settle(id, "1.1", ending, []);
    await store.workflows.retime(id, 5_010, [
      ["1.1", 5_020],
      ["1.2", 5_020],
    ]);
    expect((await store.workflows.find(id))?.createdAt).toBe(5_010);
    const started = (await store.workflows.steps(id)).map(({ startedAt }) => startedAt);
    expect(started).toEqual([20, 5_020]);
    const turn = { state: "done", verdict: undefined, undoBatch: 0, reason: "" } as const;
    await store.workflows.turn(id, { ...turn, endedAt: 40 }, entry());
    await store.workflows.retime(id, 1, []);
    expect((await store.workflows.find(id))?.createdAt).toBe(5_010);
  });

  test("turns a run that has not ended, with its audit entry, and no other", async () => {
    const { id } = await made();
    const turn = {
      state: "undoing",
      verdict: "failed",
      undoBatch: 1,
      reason: "x",
      endedAt: undefined,
    } as const;
    const before = (await store.audit.page(1))[0]?.id ?? 0;
    expect(await store.workflows.turn(id, turn, entry())).toBe(true);
    expect((await store.workflows.unfinished()).some((row) => row.id === id)).toBe(true);
    expect(await store.workflows.turn(id, { ...turn, state: "failed", endedAt: 40 }, entry())).toBe(
      true,
    );
    expect(await store.workflows.turn(id, { ...turn, state: "done", endedAt: 50 }, entry())).toBe(
      false,
    );
    expect(await store.workflows.find(id)).toMatchObject({
      state: "failed",
      verdict: "failed",
      endedAt: 40,
    });
    expect((await store.workflows.unfinished()).some((row) => row.id === id)).toBe(false);
    expect((await store.audit.page(1))[0]?.id).toBe(before + 2);
  });

  test("pages the newest first, and forgets what ended before", async () => {
    const [one, two] = [await made(), await made()];
    expect((await store.workflows.page(1)).map(({ id }) => id)).toEqual([two.id]);
    expect((await store.workflows.page(1, two.id)).map(({ id }) => id)).toEqual([one.id]);
    await store.workflows.begin(begun(one.id, "1.1"));
    const over = {
      state: "done",
      verdict: undefined,
      undoBatch: 0,
      reason: "",
      endedAt: 5,
    } as const;
    await store.workflows.turn(one.id, over, entry());
    expect(await store.workflows.prune(6)).toBe(1);
    expect(await store.workflows.find(one.id)).toBeUndefined();
    expect(await store.workflows.members(one.id)).toEqual([]);
    expect(await store.workflows.steps(one.id)).toEqual([]);
    expect(await store.workflows.find(two.id)).toBeDefined();
  });
});
