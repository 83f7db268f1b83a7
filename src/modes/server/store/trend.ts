/** The part of the store that remembers how the fleet stood. Must not know SQL, nor who looks. */
import type { Status } from "../../../core/status.ts";

export interface TrendRow {
  /** When this was so; no two are of the same moment. */
  readonly at: number;
  /** Envoys that are not revoked. */
  readonly envoys: Readonly<Record<Status, number>>;
  /** Of these, such whose last run mended drift. */
  readonly drifting: number;
  /** Of these, such whose last run changed what the policy asked for and nothing else. */
  readonly intended: number;
  /** A share of 1; undefined when none was online. */
  readonly convergence: number | undefined;
}

export interface TrendStore {
  add(row: TrendRow): Promise<void>;
  newest(): Promise<TrendRow | undefined>;
  /** Oldest first. */
  since(at: number): Promise<readonly TrendRow[]>;
  /** Forgets those before; says how many. */
  prune(before: number): Promise<number>;
}
