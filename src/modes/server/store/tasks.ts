/** What the store keeps of tasks; the rules of `store.ts` hold. Must not know SQL. */
import type { FinalState, Piece, TaskState } from "../../../core/tasks/states.ts";
import type { Values } from "../../../core/tasks/values.ts";
import type { AuditEntry } from "./store.ts";

export interface TaskRow {
  /** UUID; later ones are greater. */
  readonly id: string;
  readonly actor: string;
  readonly createdAt: number;
  /** For a shell; of a named task its words as they stand in its file, for people to read. */
  readonly command: string;
  /** Absent: `command` is for a shell. */
  readonly named: Named | undefined;
  /** WHO, as it was asked for. */
  readonly asked: readonly string[];
  readonly timeoutMs: number;
  /** No envoy starts it later. */
  readonly expiresAt: number;
  /** Failures above it stop the task; undefined: none do. */
  readonly maxFailures: number | undefined;
  readonly outputLimit: number;
  /** What is added to the niceness of the agent. */
  readonly nice: number;
  readonly force: boolean;
  /** At once; undefined: all. */
  readonly batchSize: number | undefined;
  /** Both as they were asked for, `5%` or `10`: a repetition has others. */
  readonly batchAsked: string | undefined;
  readonly failuresAsked: string | undefined;
  /** Whose turn it is, from 0; those before it may begin too, when they come late. */
  readonly batch: number;
  /** After each batch: an address that the server asks, or a command for the envoys of the batch. */
  readonly healthCheck: string | undefined;
  /** The task that this one looks after. */
  readonly checkOf: string | undefined;
  /** Which of its checks this is, from 0. */
  readonly checkBatch: number | undefined;
  /** The task that it repeats. */
  readonly rerunOf: string | undefined;
  readonly state: TaskState;
  readonly endedAt: number | undefined;
  /** Why it was stopped; empty where it was not. */
  readonly reason: string;
}

/** A named task as it was when it was ordered. */
export interface Named {
  readonly name: string;
  /** With the values in their places. */
  readonly argv: readonly string[];
  readonly params: Values;
}

/** How it ended on one envoy; nothing changes it any more. */
export interface TaskEnding {
  readonly envoyId: string;
  readonly state: FinalState;
  readonly startedAt: number | undefined;
  readonly endedAt: number;
  readonly exitCode: number | undefined;
  readonly reason: string;
  readonly output: readonly Piece[];
  /** Bytes it printed above the limit. */
  readonly dropped: number;
}

/** The task on one envoy; its key is (taskId, envoyId). */
export interface TargetRow {
  readonly taskId: string;
  readonly envoyId: string;
  /** As of the order. */
  readonly hostname: string;
  /** Counts from 0. */
  readonly batch: number;
  /** When its order may first have left; undefined: it has not. */
  readonly sentAt: number | undefined;
  readonly ending: TaskEnding | undefined;
}

export interface TaskStore {
  /** A target with `sentAt`: its order is about to leave. */
  create(
    row: TaskRow,
    targets: readonly Pick<TargetRow, "envoyId" | "hostname" | "batch" | "sentAt">[],
    audit: AuditEntry,
  ): Promise<void>;
  find(id: string): Promise<TaskRow | undefined>;
  /** By batch and hostname. */
  targets(id: string): Promise<readonly TargetRow[]>;
  /** Newest first, those before an id, with how many targets are in each state; those without an ending are `open`. */
  page(
    limit: number,
    before?: string,
  ): Promise<readonly (TaskRow & { readonly counts: Readonly<Record<string, number>> })[]>;
  /** Those with targets that have not ended, oldest first. */
  unfinished(): Promise<readonly TaskRow[]>;
  /** Orders are about to leave; only for targets that have not ended. */
  sent(id: string, envoyIds: readonly string[], at: number): Promise<void>;
  /** Only targets that have not ended; gives the envoys of those that now have. Calls that come together share a commit. */
  settle(id: string, endings: readonly TaskEnding[]): Promise<readonly string[]>;
  /** No envoy starts it any more. One that is stopped already may be cancelled. */
  stop(
    id: string,
    state: "stopped" | "cancelled",
    reason: string,
    audit: AuditEntry,
  ): Promise<void>;
  /** Nobody begins while it is paused. Only one that runs is paused, and only one that is paused runs again; false: it was not so. */
  pause(id: string, isPaused: boolean, reason: string, audit: AuditEntry): Promise<boolean>;
  /** The next batch has its turn; never one before it. */
  advance(id: string, batch: number): Promise<void>;
  /** Other times, because the clock leapt; `sent` by envoy. Only of one that has not ended. */
  retime(
    id: string,
    times: Pick<TaskRow, "createdAt" | "expiresAt">,
    sent: readonly (readonly [envoyId: string, sentAt: number])[],
  ): Promise<void>;
  /** The task that looks after a batch of another one. */
  checkOf(id: string, batch: number): Promise<TaskRow | undefined>;
  end(id: string, at: number): Promise<void>;
  /** Forgets tasks that ended before; says how many. */
  prune(before: number): Promise<number>;
}
