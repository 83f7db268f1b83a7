/** Runs as the store keeps them. Must not know SQL. */
import type { ResourceReport, RunReport } from "../../../core/converge/report.ts";
import type { RunHead } from "../../../core/status.ts";

/** A run that changed something or failed, whole; its key is (envoyId, number). */
export interface RunRow {
  readonly envoyId: string;
  readonly number: number;
  readonly policyVersion: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: RunReport["outcome"];
  readonly counts: RunReport["counts"];
  readonly causes: RunHead["causes"];
  readonly resources: readonly ResourceReport[];
}

/** A stretch of runs in which nothing changed; its key is (envoyId, first). */
export interface SpanRow {
  readonly envoyId: string;
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface RunStore {
  /**
   * All or nothing, on disk when it resolves; a run that is there already is left as it is (idempotent by number), a span
   * only grows. Calls that come together share a commit.
   */
  record(envoyId: string, runs: readonly RunRow[], spans: readonly SpanRow[]): Promise<void>;
  /** Open spans of many envoys at once, upserted. */
  recordSpans(spans: readonly SpanRow[]): Promise<void>;
  /** Newest first, without resources. */
  page(query: {
    readonly envoyId?: string;
    readonly outcome?: RunReport["outcome"];
    /** Only those that began then or later. */
    readonly since?: number;
    /** The last row of the page before. */
    readonly before?: Pick<RunRow, "startedAt" | "envoyId" | "number">;
    readonly limit: number;
  }): Promise<readonly Omit<RunRow, "resources">[]>;
  find(envoyId: string, number: number): Promise<RunRow | undefined>;
  /** Newest first, whole, those that mended drift and began at `since` or later. */
  drifted(query: {
    readonly since: number;
    /** The last row of the page before. */
    readonly before?: Pick<RunRow, "startedAt" | "envoyId" | "number">;
    readonly limit: number;
  }): Promise<readonly RunRow[]>;
  /** Newest first, those that went on at `since` or later. */
  spans(envoyId: string, limit: number, since?: number): Promise<readonly SpanRow[]>;
  /** Of each envoy the newest `depth` runs, newest first, for rehydration. */
  newest(depth: number): Promise<readonly (RunHead & { readonly envoyId: string })[]>;
  /** Of each envoy the newest span, for rehydration. */
  newestSpans(): Promise<readonly SpanRow[]>;
  /** How many `prune` would forget. */
  older(before: number): Promise<number>;
  /** Forgets runs that began, and spans that ended, before: so many at most; gives how many. */
  prune(before: number, most: number): Promise<number>;
}
