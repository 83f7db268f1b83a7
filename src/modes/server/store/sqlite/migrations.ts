/**
 * How the tables came to be, step by step. A step that has left the house never changes: a new one is added after it.
 * Must not know when they are run.
 */
import firstTables from "./migrations/01-first-tables.sql" with { type: "text" };
import rollouts from "./migrations/02-rollouts.sql" with { type: "text" };
import alerts from "./migrations/03-alerts.sql" with { type: "text" };
import identity from "./migrations/04-identity.sql" with { type: "text" };
import trend from "./migrations/05-trend.sql" with { type: "text" };
import maintenanceNotesTrust from "./migrations/06-maintenance-notes-trust.sql" with { type: "text" };
import tasks from "./migrations/07-tasks.sql" with { type: "text" };
import traitsRoot from "./migrations/08-traits-root.sql" with { type: "text" };
import taskBatches from "./migrations/09-task-batches.sql" with { type: "text" };
import ephemeralEnvoys from "./migrations/10-ephemeral-envoys.sql" with { type: "text" };
import workflows from "./migrations/11-workflows.sql" with { type: "text" };
import auditRequests from "./migrations/12-audit-requests.sql" with { type: "text" };
import tags from "./migrations/13-tags.sql" with { type: "text" };
import runsCompressed from "./migrations/14-runs-compressed.sql" with { type: "text" };
import taskLimits from "./migrations/15-task-limits.sql" with { type: "text" };

export interface Migration {
  /** Counts up from 1. */
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  { id: 1, name: "first tables", sql: firstTables },
  { id: 2, name: "rollouts", sql: rollouts },
  { id: 3, name: "alerts", sql: alerts },
  { id: 4, name: "identity", sql: identity },
  { id: 5, name: "trend", sql: trend },
  { id: 6, name: "envoys in maintenance, notes, what they trust", sql: maintenanceNotesTrust },
  { id: 7, name: "tasks", sql: tasks },
  { id: 8, name: "roots of traits", sql: traitsRoot },
  { id: 9, name: "tasks by name, in batches, with health checks", sql: taskBatches },
  { id: 10, name: "machines that come and go", sql: ephemeralEnvoys },
  { id: 11, name: "workflows", sql: workflows },
  { id: 12, name: "requests in the audit log", sql: auditRequests },
  { id: 13, name: "tags of envoys", sql: tags },
  {
    id: 14,
    name: "runs compressed, hashes of traits apart from their values",
    sql: runsCompressed,
  },
  { id: 15, name: "limits of tasks as they were asked for", sql: taskLimits },
];
