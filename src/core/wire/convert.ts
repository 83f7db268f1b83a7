/** Between what runs say of themselves and what travels of it. Must not know who sends it, nor where it is kept. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { OutcomeName, ResourceReport, RunReport } from "../converge/report.ts";
import { VigoError } from "../errors.ts";
import type { Cause as CauseName, Change as FieldChange } from "../resource.ts";
import type { RunHead } from "../status.ts";
import type {
  Cause,
  Change,
  Outcome,
  ResourceResult,
  Run,
  RunReports,
  RunSchema,
  RunSpan,
  RunSpanSchema,
} from "./gen/vigo/v1/agent_pb.ts";

/** A stretch of runs in which nothing changed; times in milliseconds since 1970. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A run as the server keeps it. */
export interface ReportedRun extends RunHead {
  readonly durationMs: number;
  readonly resources: readonly ResourceReport[];
}

export type Reported =
  | { readonly kind: "run"; readonly run: ReportedRun }
  | { readonly kind: "span"; readonly span: Span };

/** In the order of the enum on the wire, which begins with "unspecified". */
const outcomes = ["ok", "changed", "failed", "skipped", "blocked", "pending"] as const;
const causes = ["intent", "drift", "upstream"] as const;

/** As `RunReports` takes it, beside spans. */
export const runToWire = (
  number: number,
  report: RunReport,
): MessageInitShape<typeof RunSchema> => ({
  number: BigInt(number),
  policyVersion: BigInt(report.policy_version),
  startedAtMs: BigInt(Date.parse(report.started_at)),
  durationMs: whole(report.duration_ms),
  outcome: outcomeToWire(report.outcome),
  resources: report.resources.map((resource) => ({
    key: resource.key,
    type: resource.type,
    outcome: outcomeToWire(resource.outcome),
    changes: resource.changes.map(changeToWire),
    reason: resource.reason ?? "",
    durationMs: whole(resource.duration_ms),
  })),
});

export const spanToWire = (span: Span): MessageInitShape<typeof RunSpanSchema> => ({
  first: BigInt(span.first),
  last: BigInt(span.last),
  firstAtMs: BigInt(span.firstAt),
  lastAtMs: BigInt(span.lastAt),
});

/** Nothing of it is later than `now`. */
export function spanFromWire({ first, last, firstAtMs, lastAtMs }: RunSpan, now: number): Span {
  const span = {
    first: safe(first),
    last: safe(last),
    firstAt: past(firstAtMs, now),
    lastAt: past(lastAtMs, now),
  };
  if (span.first < 1 || span.last < span.first)
    throw new VigoError("invalid", `runs ${first} to ${last} are no stretch`);
  return span;
}

/** In the order in which they were told, nothing later than `now`. Throws `invalid` for what cannot have happened. */
export const reportsFromWire = ({ reports }: RunReports, now: number): readonly Reported[] =>
  reports.map(({ report }) => {
    if (report.case === "run") return { kind: "run", run: runFromWire(report.value, now) };
    if (report.case === "span") return { kind: "span", span: spanFromWire(report.value, now) };
    throw new VigoError("invalid", "a report is neither a run nor a stretch of runs");
  });

function runFromWire(run: Run, now: number): ReportedRun {
  const resources = run.resources.map(resourceFromWire);
  const number = safe(run.number);
  if (number < 1) throw new VigoError("invalid", "runs are numbered from 1");
  return {
    number,
    policyVersion: safe(run.policyVersion),
    startedAt: past(run.startedAtMs, now),
    durationMs: run.durationMs,
    outcome: runOutcome(run.outcome),
    counts: countOutcomes(resources),
    causes: causes.filter((cause) => caused(resources, cause)),
    resources,
  };
}

const caused = (resources: readonly ResourceReport[], cause: CauseName): boolean =>
  resources.some(
    ({ outcome, changes }) =>
      outcome === "changed" && changes.some((change) => change.cause === cause),
  );

function resourceFromWire(result: ResourceResult): ResourceReport {
  return {
    key: result.key,
    type: result.type,
    outcome: outcomeFromWire(result.outcome),
    changes: result.changes.map(changeFromWire),
    ...(result.reason === "" ? {} : { reason: result.reason }),
    duration_ms: result.durationMs,
  };
}

/** How many resources ended how. */
function countOutcomes(resources: readonly ResourceReport[]): RunReport["counts"] {
  const counts = { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 };
  for (const { outcome } of resources) counts[outcome]++;
  return counts;
}

const outcomeToWire = (outcome: OutcomeName): Outcome => outcomes.indexOf(outcome) + 1;

function outcomeFromWire(outcome: Outcome): OutcomeName {
  const name = outcomes[outcome - 1];
  if (name === undefined) throw new VigoError("invalid", `unknown outcome ${outcome}`);
  return name;
}

function runOutcome(outcome: Outcome): RunReport["outcome"] {
  const name = outcomeFromWire(outcome);
  if (name !== "skipped" && name !== "blocked") return name;
  throw new VigoError("invalid", `a run as a whole is never ${name}`);
}

const changeToWire = (change: FieldChange) => ({
  field: change.field,
  ...(change.from === undefined ? {} : { from: change.from }),
  ...(change.to === undefined ? {} : { to: change.to }),
  cause: (causes.indexOf(change.cause) + 1) as Cause,
  ...(change.diff === undefined ? {} : { diff: change.diff }),
});

function changeFromWire({ field, from, to, cause, diff }: Change): FieldChange {
  const name = causes[cause - 1];
  if (name === undefined) throw new VigoError("invalid", `unknown cause ${cause}`);
  return { field, from, to, cause: name, ...(diff === undefined ? {} : { diff }) };
}

/** Milliseconds as the wire holds them: whole, and 32 bits. */
const whole = (ms: number): number => Math.min(Math.max(Math.round(ms), 0), 0xffffffff);

/**
 * A time that another clock has told. What is yet to come by ours would stand above all that happens until then and never grow old,
 * and not every number is a date.
 */
const past = (ms: bigint, now: number): number => Math.min(safe(ms), now);

/** Numbers that a JSON reader gets unharmed. */
function safe(value: bigint): number {
  if (value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new VigoError("invalid", `${value} is out of range`);
}
