/** Makes the reports of a resource and of a run. Must not know how they came about. */
import type { BodyResource } from "../bundle/body.ts";
import type { Change, Outcome } from "../resource.ts";
import { changesOf } from "./attempts.ts";
import type { OutcomeName, ResourceReport, RunReport } from "./report.ts";

/** `quiet`: it holds a secret, or what was there before may have. */
export function resourceReport(
  { key, type, sensitive }: BodyResource,
  outcome: Outcome,
  durationMs: number,
  quiet = false,
): ResourceReport {
  const changes = changesOf(outcome);
  return {
    key,
    type,
    outcome: outcome.outcome,
    changes: sensitive === true ? changes.map(hidden) : quiet ? changes.map(quietly) : changes,
    ...("reason" in outcome && outcome.reason !== undefined ? { reason: outcome.reason } : {}),
    duration_ms: Math.round(durationMs),
  };
}

/** That it changed, and how long it is, and no more. */
const hidden = ({ field, from, to, cause }: Change): Change => ({
  field,
  from: length(from),
  to: length(to),
  cause,
});
/** Of what holds a secret: who may read it is no secret itself. */
const quietly = (change: Change): Change =>
  ["mode", "owner", "group", "secontext"].includes(change.field) ? change : hidden(change);

/** A summary of a content begins with its length. */
const length = (value: string | undefined) => {
  if (value === undefined) return undefined;
  const [, bytes = Buffer.byteLength(value)] = /^(\d+) bytes\b/.exec(value) ?? [];
  return `(sensitive, ${bytes} bytes)`;
};

interface Facts {
  readonly dryRun: boolean;
  readonly policyVersion: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly resources: readonly ResourceReport[];
  readonly pendingRefreshes: readonly string[];
}

export function reportOf(facts: Facts): RunReport {
  const counts: Record<OutcomeName, number> = { ...none };
  for (const { outcome } of facts.resources) counts[outcome]++;
  return {
    outcome: outcomeOf(counts),
    dry_run: facts.dryRun,
    policy_version: facts.policyVersion,
    started_at: facts.startedAt.toISOString(),
    duration_ms: Math.round(facts.durationMs),
    counts,
    resources: facts.resources,
    pending_refreshes: facts.pendingRefreshes,
  };
}

/** A run that ended before its first resource: one row says why, in the place of all. */
export const brokenRun = (startedAt: Date, policyVersion: number, reason: string): RunReport =>
  reportOf({
    dryRun: false,
    policyVersion,
    startedAt,
    durationMs: 0,
    pendingRefreshes: [],
    resources: [
      {
        key: "agent/bundle",
        type: "agent",
        outcome: "failed",
        changes: [],
        reason,
        duration_ms: 0,
      },
    ],
  });

const none = { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 } as const;

function outcomeOf(counts: Readonly<Record<OutcomeName, number>>): RunReport["outcome"] {
  if (counts.failed > 0 || counts.blocked > 0) return "failed";
  if (counts.pending > 0) return "pending";
  return counts.changed > 0 ? "changed" : "ok";
}
