/** Workflows and their runs as the API shows them. Pure. */
import type { WholeRun, Workflow, WorkflowRun, WorkflowStep } from "../../../core/api/workflows.ts";
import { kindOf } from "../../../core/tasks/values.ts";
import { type Slot, slotsOf, undoSlotsOf } from "../../../core/workflows/course.ts";
import type { Pinned, Workflow as Declared } from "../../../core/workflows/workflow.ts";
import type { WorkflowMemberRow, WorkflowRunRow, WorkflowStepRow } from "../store/workflows.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const said = <K extends string>(key: K, text: string | undefined) =>
  text === undefined || text === "" ? {} : ({ [key]: text } as { readonly [key in K]: string });

export const shownWorkflow = (workflow: Declared): Workflow => ({
  name: workflow.name,
  place: workflow.place,
  description: workflow.description,
  roles: [...workflow.roles],
  targets: [...workflow.targets],
  params: [...workflow.params].map(([name, param]) => ({
    name,
    takes: kindOf(param),
    description: param.description,
    ...(param.default === undefined ? {} : { default: param.default }),
  })),
  steps: workflow.steps.map(({ name }) => name),
});

/** The step that it is at, where that is known. */
export const shownRun = (row: WorkflowRunRow, steps: readonly WorkflowStepRow[]): WorkflowRun => ({
  id: row.id,
  workflow: row.workflow,
  version: row.version,
  actor: row.actor,
  asked: [...row.asked],
  params: { ...row.params },
  state: stateOf(row, steps),
  created_at: iso(row.createdAt),
  ...said("ended_at", row.endedAt === undefined ? undefined : iso(row.endedAt)),
  ...said("reason", row.reason),
  batches: row.batches,
});

export function stateOf(
  row: WorkflowRunRow,
  steps: readonly WorkflowStepRow[],
): WorkflowRun["state"] {
  const open = steps.find(({ ending }) => ending === undefined);
  if (row.state !== "running" || open === undefined) return row.state;
  const slot = slotsOf(row.pinned, row.batches).find(({ key }) => key === open.key);
  return slot?.step.kind === "approval" ? "waiting" : "running";
}

export interface Known {
  readonly row: WorkflowRunRow;
  readonly members: readonly WorkflowMemberRow[];
  readonly steps: readonly WorkflowStepRow[];
}

/** Of a task that goes on: how many machines are in which state. */
export type CountsOf = (taskId: string) => Readonly<Record<string, number>> | undefined;

export const shownWhole = ({ row, members, steps }: Known, countsOf: CountsOf): WholeRun => ({
  ...shownRun(row, steps),
  targets: members.length,
  steps: shownSteps(row, steps, countsOf),
  failed: members
    .filter(({ failedAt }) => failedAt !== undefined)
    .map(({ envoyId, hostname, batch, failedAt, reason }) => ({
      envoy_id: envoyId,
      hostname,
      batch: batch + 1,
      ...said("failed_at", failedAt),
      ...said("reason", reason),
    })),
});

/** Those that were not begun too, as long as they may be. */
function shownSteps(
  row: WorkflowRunRow,
  steps: readonly WorkflowStepRow[],
  countsOf: CountsOf,
): WorkflowStep[] {
  const begun = new Map(steps.map((step) => [step.key, step]));
  const forward = slotsOf(row.pinned, row.batches);
  const back = row.verdict === undefined ? [] : undoSlotsOf(row.pinned, row.undoBatch);
  return [...forward, ...back].map((slot) => shownStep(slot, begun.get(slot.key), countsOf));
}

export function shownStep(
  { key, batch, phase, step: { name, kind } }: Slot,
  begun: WorkflowStepRow | undefined,
  countsOf: CountsOf,
): WorkflowStep {
  const about = { key, name, kind, batch: phase === "steps" ? batch + 1 : 0 };
  if (begun === undefined) return { ...about, state: "pending" };
  const { ending, startedAt, taskId, envoys } = begun;
  const counts = ending === undefined && taskId !== undefined ? countsOf(taskId) : undefined;
  return {
    ...about,
    state: ending?.state ?? "running",
    started_at: iso(startedAt),
    targets: envoys.length,
    ...said("ended_at", ending === undefined ? undefined : iso(ending.endedAt)),
    ...said("reason", ending?.reason),
    ...said("by", ending?.by),
    ...said("task_id", taskId),
    ...(counts === undefined ? {} : { counts: { ...counts } }),
  };
}

/** What a run would do. */
export const plannedSteps = (pinned: Pinned, batches: number): WorkflowStep[] =>
  slotsOf(pinned, batches).map((slot) => shownStep(slot, undefined, () => undefined));
