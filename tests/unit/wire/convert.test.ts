import { describe, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ResourceReport, RunReport } from "../../../src/core/converge/report.ts";
import {
  reportsFromWire,
  runToWire,
  spanFromWire,
  spanToWire,
} from "../../../src/core/wire/convert.ts";
import {
  Cause,
  Outcome,
  RunReportsSchema,
  RunSchema,
  RunSpanSchema,
} from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";

const resources: readonly ResourceReport[] = [
  { key: "web/a", type: "file", outcome: "ok", changes: [], duration_ms: 1 },
  {
    key: "web/b",
    type: "file",
    outcome: "changed",
    changes: [
      { field: "content", from: undefined, to: "new", cause: "intent" },
      { field: "mode", from: "0600", to: undefined, cause: "drift", diff: "-a\n+b\n" },
      { field: "owner", from: "", to: "root", cause: "upstream" },
    ],
    duration_ms: 2,
  },
  { key: "web/c", type: "exec", outcome: "failed", changes: [], reason: "exit 3", duration_ms: 3 },
  { key: "web/d", type: "exec", outcome: "skipped", changes: [], reason: "x", duration_ms: 0 },
  { key: "web/e", type: "exec", outcome: "blocked", changes: [], reason: "y", duration_ms: 0 },
  { key: "web/f", type: "exec", outcome: "pending", changes: [], duration_ms: 0 },
];

const report: RunReport = {
  outcome: "failed",
  dry_run: false,
  policy_version: 1_767_225_600,
  started_at: "2026-01-01T00:00:00.000Z",
  duration_ms: 1234.4,
  counts: { ok: 1, changed: 1, failed: 1, skipped: 1, blocked: 1, pending: 1 },
  resources,
  pending_refreshes: [],
};

/** Through bytes, as it travels. */
const travel = (init: Parameters<typeof create<typeof RunReportsSchema>>[1]) =>
  reportsFromWire(
    fromBinary(RunReportsSchema, toBinary(RunReportsSchema, create(RunReportsSchema, init))),
    now,
  );
const now = Date.parse("2026-06-01T00:00:00Z");

describe("runs on the wire", () => {
  test("a run arrives as it was, with what a status needs", () => {
    const run = create(RunSchema, runToWire(7, report));
    expect(travel({ reports: [{ report: { case: "run", value: run } }] })).toEqual([
      {
        kind: "run",
        run: {
          number: 7,
          policyVersion: report.policy_version,
          startedAt: Date.parse(report.started_at),
          durationMs: 1234,
          outcome: "failed",
          counts: report.counts,
          causes: ["intent", "drift", "upstream"],
          resources,
        },
      },
    ]);
  });

  test("names and numbers are the same on both sides", () => {
    const { resources: sent = [] } = runToWire(1, report);
    expect(sent.map(({ outcome = 0 }) => Outcome[outcome])).toEqual(
      resources.map(({ outcome }) => outcome.toUpperCase()),
    );
    expect(sent[1]?.changes?.map(({ cause = 0 }) => Cause[cause])).toEqual([
      "INTENT",
      "DRIFT",
      "UPSTREAM",
    ]);
  });

  test("a run that ended before its first resource is still failed", () => {
    const run = create(RunSchema, runToWire(1, { ...report, resources: [] }));
    const [told] = travel({ reports: [{ report: { case: "run", value: run } }] });
    expect(told).toMatchObject({ run: { outcome: "failed", counts: { failed: 0 }, causes: [] } });
  });

  test("what a resource could not change is no cause", () => {
    const failed = [{ ...resources[1], outcome: "failed" }] as readonly ResourceReport[];
    const run = create(RunSchema, runToWire(1, { ...report, resources: failed }));
    const [told] = travel({ reports: [{ report: { case: "run", value: run } }] });
    expect(told).toMatchObject({ run: { causes: [] } });
  });

  test("a span arrives as it was", () => {
    const span = { first: 3, last: 9, firstAt: 1, lastAt: 2 };
    expect(spanFromWire(create(RunSpanSchema, spanToWire(span)), now)).toEqual(span);
  });

  test("what has yet to come, or never will, has come now", () => {
    const never = { first: 3, last: 9, firstAt: now + 1, lastAt: Number.MAX_SAFE_INTEGER };
    expect(spanFromWire(create(RunSpanSchema, spanToWire(never)), now)).toEqual({
      ...never,
      firstAt: now,
      lastAt: now,
    });
    const run = create(RunSchema, runToWire(7, { ...report, started_at: "2999-01-01T00:00:00Z" }));
    const [told] = travel({ reports: [{ report: { case: "run", value: run } }] });
    expect(told).toMatchObject({ run: { startedAt: now } });
  });

  test.each([
    ["a stretch that ends before it begins", { first: 3n, last: 2n }],
    ["a stretch from zero", { first: 0n, last: 2n }],
    ["a number no JSON reader gets unharmed", { first: 1n, last: 2n ** 60n }],
    ["a time before time", { first: 1n, last: 2n, firstAtMs: -1n }],
  ])("refuses %s", (_, init) => {
    expect(() => spanFromWire(create(RunSpanSchema, init), now)).toThrow();
  });

  const made = { number: 1n, outcome: Outcome.OK };
  test.each([
    ["an unknown outcome", { ...made, outcome: 77 as Outcome }],
    ["none at all", { ...made, outcome: Outcome.UNSPECIFIED }],
    ["a run that is blocked as a whole", { ...made, outcome: Outcome.BLOCKED }],
    ["run zero", { ...made, number: 0n }],
    [
      "an unknown cause",
      { ...made, resources: [{ outcome: Outcome.OK, changes: [{ cause: 9 }] }] },
    ],
  ])("refuses %s", (_, init) => {
    const run = create(RunSchema, init);
    expect(() => travel({ reports: [{ report: { case: "run", value: run } }] })).toThrow();
  });

  test("refuses a report that is nothing", () => {
    expect(() => travel({ reports: [{}] })).toThrow("neither a run nor a stretch");
  });
});
