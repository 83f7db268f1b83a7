import { expect, test } from "bun:test";
import type { RunReport } from "../../../src/core/converge/report.ts";
import {
  batchOf,
  bounded,
  type Entry,
  limits,
  makeRoom,
  pack,
  unpack,
  type Waiting,
} from "../../../src/modes/agent/outbox.ts";
import { toWire } from "../../../src/modes/agent/outbox-wire.ts";

const report = (more: Partial<RunReport> = {}): RunReport => ({
  outcome: "changed",
  dry_run: false,
  policy_version: 7,
  started_at: "2026-01-01T00:00:00.000Z",
  duration_ms: 5,
  counts: { ok: 0, changed: 1, failed: 0, skipped: 0, blocked: 0, pending: 0 },
  resources: [],
  pending_refreshes: [],
  ...more,
});
const run = (number: number): Entry => ({ kind: "run", number, report: report() });
const span = (first: number, last: number): Entry => ({
  kind: "span",
  span: { first, last, firstAt: 1, lastAt: 2 },
});

/** Run 2, 4, 6 … with a steady one before each. */
const outbox = (count: number): readonly Waiting[] =>
  Array.from({ length: count }, (_, index) =>
    pack(index % 2 === 0 ? span(index + 1, index + 1) : run(index + 1)),
  );

const after = (before: readonly Waiting[], limit?: typeof limits): readonly Entry[] => {
  const room = makeRoom(before, limit);
  const left = before.filter(({ key }) => room?.remove.includes(key) !== true);
  const fresh = room?.put ?? [];
  return [...left.filter(({ key }) => !fresh.some((one) => one.key === key)), ...fresh]
    .sort((a, b) => a.key - b.key)
    .map(unpack);
};

test("what fits is left alone", () => {
  expect(makeRoom(outbox(limits.entries))).toBeUndefined();
});

test("stretches go first, the oldest, and runs stay", () => {
  const left = after(outbox(limits.entries + 1));
  expect(left.length).toBeLessThanOrEqual(limits.entries * 0.9);
  expect(left.filter(({ kind }) => kind === "run").length).toBe(500);
  expect(left.filter(({ kind }) => kind === "mark").length).toBe(0);
  expect(left.find(({ kind }) => kind === "span")).toMatchObject({ span: { first: 203 } });
});

test("where only runs are left, the oldest make place for one mark", () => {
  const before = Array.from({ length: limits.entries + 1 }, (_, index) => pack(run(index + 1)));
  const left = after(before);
  expect(left[0]).toMatchObject({ kind: "mark", first: 1, last: 101 });
  expect(left.at(-1)).toMatchObject({ kind: "run", number: limits.entries + 1 });
  const again = after([
    ...left.map(pack),
    ...Array.from({ length: 101 }, (_, n) => pack(run(2000 + n))),
  ]);
  expect(again[0]).toMatchObject({ kind: "mark", first: 1 });
  expect(again.filter(({ kind }) => kind === "mark").length).toBe(1);
});

test("bytes count as well, and the newest stays whatever its size", () => {
  const big = pack({ kind: "run", number: 9, report: report({ started_at: "x".repeat(2000) }) });
  const left = after([pack(run(8)), big], {
    entries: 1000,
    bytes: 1000,
  } as unknown as typeof limits);
  expect(left).toMatchObject([
    { kind: "mark", first: 8, last: 8 },
    { kind: "run", number: 9 },
  ]);
});

test("a mark is told as a run with one row that says what is missing", () => {
  const { report: told } = toWire({ kind: "mark", first: 3, last: 9, at: 5 });
  expect(told).toMatchObject({ case: "run", value: { number: 9n } });
  expect(JSON.stringify(told, (_, v) => (typeof v === "bigint" ? Number(v) : v))).toContain(
    "runs 3 to 9 are not told",
  );
});

test("a batch is the oldest that fit into one message, and never empty", () => {
  expect(batchOf(outbox(500)).length).toBe(200);
  expect(batchOf(outbox(3)).length).toBe(3);
  expect(batchOf([])).toEqual([]);
});

const row = (value: string, index: number) => ({
  key: `web/file-${index}`,
  type: "file",
  outcome: "changed" as const,
  changes: [{ field: "content", from: value, to: "short", cause: "drift" as const }],
  duration_ms: 1,
});

test("a report is cut until it fits into a message, what changed last of all", () => {
  const one = bounded(report({ resources: [row("x".repeat(10_000), 0)] }));
  expect(one.resources[0]?.changes[0]?.from).toEndWith("… (10000 characters)");
  const many = Array.from({ length: 2_000 }, (_, index) => row("x".repeat(4_000), index));
  const told = bounded(report({ resources: many }));
  expect(JSON.stringify(told).length).toBeLessThan(3 * 1024 * 1024);
  expect(told.resources.length).toBe(2_000);
  expect(told.resources[0]?.changes).toEqual([
    { field: "content", cause: "drift", from: undefined, to: undefined },
  ]);
});
