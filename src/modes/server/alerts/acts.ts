/** What people are told of what somebody did, from the audit log. Must not know when it is read, nor who is told. */
import type { AuditRow } from "../store/store.ts";
import type { AlertEvent, Kind } from "./event.ts";

type Told = readonly [
  kind: Kind | ((row: AuditRow) => Kind | undefined),
  title: (row: AuditRow) => string,
];

/** Of the audit log; whatever is not here is nobody's alarm. */
const acts: Readonly<Record<string, Told>> = {
  "envoy.enrol": ["envoy.enrolled", (row) => `${nameIn(row)} is enrolled`],
  "enroll.wait": ["envoy.waiting", (row) => `${nameIn(row)} waits for approval`],
  "envoy.revoke": ["envoy.revoked", (row) => `${nameIn(row)} was revoked by ${row.actor}`],
  "config.publish": [
    "publish.published",
    (row) => `policy ${row.subject} was published by ${row.actor}`,
  ],
  "config.widen": ["publish.widened", (row) => `policy ${row.subject} goes to more envoys`],
  "config.rollout_done": [
    "publish.finished",
    (row) => `policy ${row.subject} has arrived everywhere`,
  ],
  "config.rollback": [
    "publish.rolled_back",
    (row) => `policy was rolled back to ${row.subject} by ${row.actor}`,
  ],
  "config.freeze": ["publish.frozen", (row) => `publishing was frozen by ${row.actor}`],
  "config.unfreeze": ["publish.unfrozen", (row) => `publishing was freed by ${row.actor}`],
  "task.run": [
    (row) => (isPart(row) ? undefined : "task.started"),
    (row) => `a task was started by ${row.actor}`,
  ],
  "task.rerun": ["task.started", (row) => `a task was started again by ${row.actor}`],
  "task.end": [endOf, (row) => `a task is over: ${outcomeOf(row)}`],
  "workflow.run": ["workflow.started", (row) => `${runIn(row)} was started by ${row.actor}`],
  "workflow.wait": [
    "workflow.waiting",
    (row) => `${runIn(row)} waits for an approval: vigo cli workflow approve ${row.subject}`,
  ],
  "workflow.fail": ["workflow.failed", (row) => `${runIn(row)} has failed${reasonIn(row)}`],
  "workflow.abort": [
    "workflow.aborted",
    (row) => `${runIn(row)} was broken off by ${row.actor}${reasonIn(row)}`,
  ],
  // One that failed or was aborted has been told of when it began to be undone.
  "workflow.end": [
    (row) => (saidIn(row)["state"] === "done" ? "workflow.done" : undefined),
    (row) => `${runIn(row)} is done${failedIn(row)}`,
  ],
  "bundle_key.replace": [
    "security.bundle_key_replaced",
    () => "the key that signs bundles was replaced",
  ],
  "bundle_key.rotate": [
    "security.bundle_key_replaced",
    () => "the key that signs bundles was replaced, and the former one vouches for it",
  ],
};

/** Undefined for what is nobody's alarm. */
export function toldOfAct(row: AuditRow): AlertEvent | undefined {
  const [which, title] = acts[row.action] ?? [];
  const kind = typeof which === "function" ? which(row) : which;
  if (kind === undefined || title === undefined) return undefined;
  return {
    kind,
    at: row.at,
    subject: nameIn(row),
    title: title(row),
    detail: { by: row.actor, ...(row.requestId !== undefined && { request_id: row.requestId }) },
    about: `${row.action} ${row.subject}`,
  };
}

/** What an entry says beside who did what. */
const saidIn = ({ detail }: AuditRow): Readonly<Record<string, unknown>> =>
  detail !== null && typeof detail === "object" && !Array.isArray(detail)
    ? (detail as Readonly<Record<string, unknown>>)
    : {};

/** What a workflow or a health check orders is told of by what it is a part of. */
const isPart = (row: AuditRow): boolean => {
  const { workflow, check_of: checked } = saidIn(row);
  return workflow !== undefined || checked !== undefined;
};

function endOf(row: AuditRow): Kind | undefined {
  if (isPart(row)) return undefined;
  const { state } = saidIn(row);
  if (state === "stopped") return "task.stopped";
  if (state === "cancelled") return "task.cancelled";
  return countsIn(row).every(([each]) => each === "ok") ? "task.done" : "task.failed";
}

function outcomeOf(row: AuditRow): string {
  const said = countsIn(row).map(([state, count]) => `${String(count)} ${state}`);
  return `${said.join(", ") || "no target"} (${String(saidIn(row)["command"])})`;
}

/** Of a task's end: how many targets ended in which state. */
function countsIn(row: AuditRow) {
  const { state: _, command: __, ...counts } = saidIn(row);
  return Object.entries(counts);
}

/** Fewer than would have ended it. */
const failedIn = (row: AuditRow): string => {
  const { failed = 0 } = saidIn(row);
  if (failed === 0) return "";
  return `, without ${failed === 1 ? "one machine that failed" : `${String(failed)} machines that failed`}`;
};

const runIn = (row: AuditRow): string => `workflow ${String(saidIn(row)["workflow"])}`;

const reasonIn = (row: AuditRow): string => {
  const { reason = "" } = saidIn(row);
  return reason === "" ? "" : `: ${String(reason)}`;
};

function nameIn({ detail, subject }: AuditRow): string {
  const named = detail as { readonly hostname?: unknown } | null;
  return typeof named?.hostname === "string" ? named.hostname : subject;
}
