/** What the store keeps of tasks; the rules of `store.ts` hold. Must not know SQL. */
import type { FinalState, Piece, TaskState } from "../../../core/tasks/states.ts";
import type { AuditEntry } from "./store.ts";

export interface TaskRow {
  /** UUID; later ones are greater. */
  readonly id: string;
  readonly actor: string;
  readonly createdAt: number;
  readonly command: string;
  /** WHO, as it was asked for. */
  readonly asked: readonly string[];
  readonly timeoutMs: number;
  /** No envoy starts it later. */
  readonly expiresAt: number;
  /** Failures above it stop the task; undefined: none do. */
  readonly maxFailures: number | undefined;
  readonly outputLimit: number;
  readonly force: boolean;
  readonly state: TaskState;
  readonly endedAt: number | undefined;
  /** Why it was stopped; empty where it was not. */
  readonly reason: string;
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
  create(
    row: TaskRow,
    targets: readonly Pick<TargetRow, "envoyId" | "hostname" | "batch">[],
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
  end(id: string, at: number): Promise<void>;
  /** Forgets tasks that ended before; says how many. */
  prune(before: number): Promise<number>;
}
