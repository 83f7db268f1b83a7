/** What a run remembers of the runs before it. Types only; the agent keeps it in LMDB. */

export interface Records {
  /** Digest of the parameters under which this resource was last ok or proven changed: the same now makes a change drift. */
  enforced(key: string): string | undefined;
  /** Kept when the run ends at the latest. Undefined forgets: a skipped resource has no record. */
  remember(key: string, digest: string | undefined): void;
  /** Refreshes that earlier runs still owe: keys of their targets. */
  owed(): ReadonlySet<string>;
  /** On disk before it resolves: what is applied next may be the last thing this process does. */
  owe(targets: readonly string[], cause: string): Promise<void>;
  paid(target: string): Promise<void>;
}
