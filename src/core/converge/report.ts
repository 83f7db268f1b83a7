/** What a run says about itself, for people, `--json` and the wire. Types only. */
import type { Change, Outcome } from "../resource.ts";

export type OutcomeName = Outcome["outcome"];

export interface ResourceReport {
  readonly key: string;
  readonly type: string;
  readonly outcome: OutcomeName;
  readonly changes: readonly Change[];
  readonly reason?: string;
  readonly duration_ms: number;
}

export interface RunReport {
  /** failed when anything failed or was blocked, else pending, changed or ok, whichever comes first. */
  readonly outcome: "ok" | "changed" | "pending" | "failed";
  readonly dry_run: boolean;
  /** 0 where no server published it. */
  readonly policy_version: number;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly counts: Readonly<Record<OutcomeName, number>>;
  /** In graph order, which is the order of the body. */
  readonly resources: readonly ResourceReport[];
  /** Refreshes that are still owed when the run ends: target keys. */
  readonly pending_refreshes: readonly string[];
}
