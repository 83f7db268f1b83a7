/**
 * The tables as drizzle's columns, for typed queries. What makes them is ./migrations.ts; a test holds the two together.
 * Must not know what the rows mean.
 */
import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ResourceReport, RunReport } from "../../../../core/converge/report.ts";
import type { Json } from "../../../../core/json.ts";
import type { RunHead } from "../../../../core/status.ts";
import type { ApiTokenRow, TotpState } from "../identity.ts";
import type { DeliveryRow, RequestState } from "../store.ts";
import type { TaskEnding, TaskRow } from "../tasks.ts";
import type { TrendRow } from "../trend.ts";
import type { WorkflowRunRow, WorkflowStepEnding } from "../workflows.ts";

const bytes = (name: string) => blob(name, { mode: "buffer" });

export const envoys = sqliteTable("envoys", {
  id: text("id").primaryKey(),
  hostname: text("hostname").notNull(),
  publicKey: bytes("public_key").notNull(),
  certificate: text("certificate").notNull(),
  previousCertificate: text("previous_certificate"),
  certificateExpiresAt: integer("certificate_expires_at").notNull(),
  enrolledAt: integer("enrolled_at").notNull(),
  tokenId: text("token_id"),
  revokedAt: integer("revoked_at"),
  machineId: text("machine_id").notNull(),
  platform: text("platform").notNull(),
  arch: text("arch").notNull(),
  lastSeenAt: integer("last_seen_at"),
  agentVersion: text("agent_version"),
  bootId: text("boot_id"),
  reportedHostname: text("reported_hostname"),
  policyVersion: integer("policy_version"),
  bodyDigest: text("body_digest"),
  maintenanceUntil: integer("maintenance_until"),
  note: text("note"),
  trusts: text("trusts"),
  traitsRoot: text("traits_root"),
  tags: text("tags", { mode: "json" }).$type<readonly string[]>(),
});

export const traits = sqliteTable(
  "traits",
  {
    envoyId: text("envoy_id").notNull(),
    section: text("section").notNull(),
    value: text("value", { mode: "json" }).$type<Json>().notNull(),
    hash: text("hash").notNull(),
    collectedAt: integer("collected_at").notNull(),
    stale: integer("stale", { mode: "boolean" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.envoyId, table.section] })],
);

export const tokens = sqliteTable("tokens", {
  id: text("id").primaryKey(),
  secretHash: text("secret_hash").notNull(),
  label: text("label").notNull(),
  match: text("match"),
  usesLeft: integer("uses_left"),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  revokedAt: integer("revoked_at"),
  ephemeralMs: integer("ephemeral_ms"),
});

export const requests = sqliteTable("requests", {
  id: text("id").primaryKey(),
  publicKey: bytes("public_key").notNull(),
  hostname: text("hostname").notNull(),
  reason: text("reason").notNull(),
  machineId: text("machine_id").notNull(),
  platform: text("platform").notNull(),
  arch: text("arch").notNull(),
  address: text("address").notNull(),
  tokenId: text("token_id").notNull(),
  requestedAt: integer("requested_at").notNull(),
  state: text("state").$type<RequestState>().notNull(),
  decidedAt: integer("decided_at"),
  envoyId: text("envoy_id"),
});

export const runs = sqliteTable(
  "runs",
  {
    envoyId: text("envoy_id").notNull(),
    number: integer("number").notNull(),
    policyVersion: integer("policy_version").notNull(),
    startedAt: integer("started_at").notNull(),
    durationMs: integer("duration_ms").notNull(),
    outcome: text("outcome").$type<RunReport["outcome"]>().notNull(),
    counts: text("counts", { mode: "json" }).$type<RunReport["counts"]>().notNull(),
    causes: text("causes", { mode: "json" }).$type<RunHead["causes"]>().notNull(),
    /** Of rows of an older version; since then there is nothing in it, and `packed` holds them. */
    resources: text("resources", { mode: "json" }).$type<readonly ResourceReport[]>().notNull(),
    packed: bytes("packed"),
  },
  (table) => [primaryKey({ columns: [table.envoyId, table.number] })],
);

export const spans = sqliteTable(
  "spans",
  {
    envoyId: text("envoy_id").notNull(),
    first: integer("first").notNull(),
    last: integer("last").notNull(),
    firstAt: integer("first_at").notNull(),
    lastAt: integer("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.envoyId, table.first] })],
);

export const audit = sqliteTable("audit", {
  id: integer("id").primaryKey(),
  at: integer("at").notNull(),
  actor: text("actor").notNull(),
  action: text("action").notNull(),
  subject: text("subject").notNull(),
  detail: text("detail", { mode: "json" }).$type<Json>().notNull(),
  hash: text("hash").notNull(),
  requestId: text("request_id"),
});

export const users = sqliteTable("users", {
  name: text("name").primaryKey(),
  passwordHash: text("password_hash").notNull(),
  role: text("role").notNull(),
  createdAt: integer("created_at").notNull(),
  disabledAt: integer("disabled_at"),
  origin: text("origin").notNull(),
  totp: text("totp", { mode: "json" }).$type<TotpState>(),
});

export const apiTokens = sqliteTable("api_tokens", {
  id: text("id").primaryKey(),
  secretHash: text("secret_hash").notNull(),
  userName: text("user_name").notNull(),
  label: text("label").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  revokedAt: integer("revoked_at"),
  kind: text("kind").$type<ApiTokenRow["kind"]>().notNull(),
});

export const sessions = sqliteTable("sessions", {
  id: text("id").primaryKey(),
  secretHash: text("secret_hash").notNull(),
  userName: text("user_name").notNull(),
  createdAt: integer("created_at").notNull(),
  seenAt: integer("seen_at").notNull(),
});

export const meta = sqliteTable("meta", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});

export const rollouts = sqliteTable("rollouts", {
  version: integer("version").primaryKey(),
  state: text("state", { mode: "json" }).$type<Json>().notNull(),
});

export const rolloutMembers = sqliteTable(
  "rollout_members",
  {
    version: integer("version").notNull(),
    envoyId: text("envoy_id").notNull(),
    state: text("state", { mode: "json" }).$type<Json>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.version, table.envoyId] })],
);

export const alerts = sqliteTable("alerts", {
  id: integer("id").primaryKey(),
  at: integer("at").notNull(),
  kind: text("kind").notNull(),
  severity: text("severity").notNull(),
  subject: text("subject").notNull(),
  title: text("title").notNull(),
  detail: text("detail", { mode: "json" }).$type<Json>().notNull(),
  about: text("about").notNull(),
});

export const deliveries = sqliteTable("deliveries", {
  id: integer("id").primaryKey(),
  alertId: integer("alert_id").notNull(),
  target: text("target").notNull(),
  state: text("state").$type<DeliveryRow["state"]>().notNull(),
  attempts: integer("attempts").notNull(),
  nextAt: integer("next_at").notNull(),
  endedAt: integer("ended_at"),
  error: text("error"),
});

export const trend = sqliteTable("trend", {
  at: integer("at").primaryKey(),
  figures: text("figures", { mode: "json" })
    .$type<Omit<TrendRow, "at" | "convergence"> & { readonly convergence: number | null }>()
    .notNull(),
});

export const tasks = sqliteTable("tasks", {
  id: text("id").primaryKey(),
  actor: text("actor").notNull(),
  createdAt: integer("created_at").notNull(),
  command: text("command").notNull(),
  asked: text("asked", { mode: "json" }).$type<readonly string[]>().notNull(),
  timeoutMs: integer("timeout_ms").notNull(),
  expiresAt: integer("expires_at").notNull(),
  maxFailures: integer("max_failures"),
  outputLimit: integer("output_limit").notNull(),
  force: integer("force", { mode: "boolean" }).notNull(),
  state: text("state").$type<TaskRow["state"]>().notNull(),
  endedAt: integer("ended_at"),
  reason: text("reason").notNull(),
  named: text("named", { mode: "json" }).$type<NonNullable<TaskRow["named"]>>(),
  nice: integer("nice").notNull(),
  batchSize: integer("batch_size"),
  batch: integer("batch").notNull(),
  healthCheck: text("health_check"),
  checkOf: text("check_of"),
  checkBatch: integer("check_batch"),
  rerunOf: text("rerun_of"),
  batchAsked: text("batch_asked"),
  failuresAsked: text("failures_asked"),
});

export const taskTargets = sqliteTable(
  "task_targets",
  {
    taskId: text("task_id").notNull(),
    envoyId: text("envoy_id").notNull(),
    hostname: text("hostname").notNull(),
    batch: integer("batch").notNull(),
    sentAt: integer("sent_at"),
    state: text("state").$type<TaskEnding["state"]>(),
    startedAt: integer("started_at"),
    endedAt: integer("ended_at"),
    exitCode: integer("exit_code"),
    reason: text("reason"),
    output: text("output", { mode: "json" }).$type<TaskEnding["output"]>(),
    dropped: integer("dropped"),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.envoyId] })],
);

export const workflowRuns = sqliteTable("workflow_runs", {
  id: text("id").primaryKey(),
  workflow: text("workflow").notNull(),
  version: integer("version").notNull(),
  pinned: text("pinned", { mode: "json" }).$type<WorkflowRunRow["pinned"]>().notNull(),
  params: text("params", { mode: "json" }).$type<WorkflowRunRow["params"]>().notNull(),
  actor: text("actor").notNull(),
  asked: text("asked", { mode: "json" }).$type<readonly string[]>().notNull(),
  createdAt: integer("created_at").notNull(),
  batches: integer("batches").notNull(),
  maxFailures: integer("max_failures").notNull(),
  state: text("state").$type<WorkflowRunRow["state"]>().notNull(),
  verdict: text("verdict").$type<NonNullable<WorkflowRunRow["verdict"]>>(),
  undoBatch: integer("undo_batch").notNull(),
  reason: text("reason").notNull(),
  endedAt: integer("ended_at"),
});

export const workflowMembers = sqliteTable(
  "workflow_members",
  {
    runId: text("run_id").notNull(),
    envoyId: text("envoy_id").notNull(),
    hostname: text("hostname").notNull(),
    batch: integer("batch").notNull(),
    failedAt: text("failed_at"),
    reason: text("reason").notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.envoyId] })],
);

export const workflowSteps = sqliteTable(
  "workflow_steps",
  {
    runId: text("run_id").notNull(),
    key: text("key").notNull(),
    position: integer("position").notNull(),
    startedAt: integer("started_at").notNull(),
    taskId: text("task_id"),
    envoys: text("envoys", { mode: "json" }).$type<readonly string[]>().notNull(),
    state: text("state").$type<WorkflowStepEnding["state"]>(),
    endedAt: integer("ended_at"),
    reason: text("reason"),
    by: text("by_whom"),
  },
  (table) => [primaryKey({ columns: [table.runId, table.key] })],
);
