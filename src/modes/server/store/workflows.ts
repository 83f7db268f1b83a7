/** What the store keeps of runs of workflows; the rules of `store.ts` hold. Must not know SQL. */
import type { Values } from "../../../core/tasks/values.ts";
import type { RunState, StepEnd, Verdict } from "../../../core/workflows/course.ts";
import type { Pinned } from "../../../core/workflows/workflow.ts";
import type { AuditEntry } from "./store.ts";

export interface WorkflowRunRow {
  /** UUID; later ones are greater. */
  readonly id: string;
  readonly workflow: string;
  /** Of the policy that it was read from. */
  readonly version: number;
  readonly pinned: Pinned;
  readonly params: Values;
  readonly actor: string;
  /** WHO, as it was asked for. */
  readonly asked: readonly string[];
  readonly createdAt: number;
  readonly batches: number;
  /** More failed machines than these end it. */
  readonly maxFailures: number;
  readonly state: RunState;
  /** Of one that is undoing: how it will end. */
  readonly verdict: Verdict | undefined;
  /** The batch that it failed in, from 0. */
  readonly undoBatch: number;
  /** Why it failed or was aborted; empty where it was not. */
  readonly reason: string;
  readonly endedAt: number | undefined;
}

/** A machine of a run; its key is (runId, envoyId). */
export interface WorkflowMemberRow {
  readonly runId: string;
  readonly envoyId: string;
  /** As of the start. */
  readonly hostname: string;
  /** Counts from 0. */
  readonly batch: number;
  /** Key of the step it failed at; it takes part in no other. */
  readonly failedAt: string | undefined;
  readonly reason: string;
}

/** One step in one batch that has begun; its key is (runId, key). */
export interface WorkflowStepRow {
  readonly runId: string;
  readonly key: string;
  readonly startedAt: number;
  /** The task that it runs: chosen before there is one, so that it is never begun twice. */
  readonly taskId: string | undefined;
  /** Whom it is for. */
  readonly envoys: readonly string[];
  readonly ending: WorkflowStepEnding | undefined;
}

export interface WorkflowStepEnding {
  readonly state: StepEnd;
  readonly endedAt: number;
  readonly reason: string;
  /** Who approved. */
  readonly by: string | undefined;
}

export interface WorkflowFailure {
  readonly envoyId: string;
  readonly reason: string;
}

/** What changes when a run turns to its end. */
export type WorkflowTurn = Pick<
  WorkflowRunRow,
  "state" | "verdict" | "undoBatch" | "reason" | "endedAt"
>;

export interface WorkflowStore {
  create(
    row: WorkflowRunRow,
    members: readonly Pick<WorkflowMemberRow, "envoyId" | "hostname" | "batch">[],
    audit: AuditEntry,
  ): Promise<void>;
  find(id: string): Promise<WorkflowRunRow | undefined>;
  /** By batch and hostname. */
  members(id: string): Promise<readonly WorkflowMemberRow[]>;
  /** In the order they began. */
  steps(id: string): Promise<readonly WorkflowStepRow[]>;
  /** Newest first, those before an id. */
  page(limit: number, before?: string): Promise<readonly WorkflowRunRow[]>;
  /** Oldest first. */
  unfinished(): Promise<readonly WorkflowRunRow[]>;
  /** A step has begun, with an entry where it is one; one that has begun already stays as it was. Gives it as it is kept. */
  begin(step: Omit<WorkflowStepRow, "ending">, audit?: AuditEntry): Promise<WorkflowStepRow>;
  /** Only a step that has not ended, with the machines that failed at it; false: it had. */
  settle(
    id: string,
    key: string,
    ending: WorkflowStepEnding,
    failures: readonly WorkflowFailure[],
    audit?: AuditEntry,
  ): Promise<boolean>;
  /** Only of a run that has not ended; false: it had. */
  turn(id: string, turn: WorkflowTurn, audit: AuditEntry): Promise<boolean>;
  /** Other times, because the clock leapt; those of steps by key. Only of a run that has not ended. */
  retime(
    id: string,
    createdAt: number,
    started: readonly (readonly [key: string, startedAt: number])[],
  ): Promise<void>;
  /** Forgets runs that ended before; says how many. */
  prune(before: number): Promise<number>;
}
