/**
 * What a run must find again later, also after a crash: as interfaces, for the agent's state and for the tests. Types only.
 * Must not know where it is kept.
 */

import type { Looks } from "./quick-checks.ts";

/** A refresh that is owed: `cause` changed, or was about to, and `target` has not been refreshed since. Keys of resources. */
export interface Owed {
  readonly target: string;
  readonly cause: string;
}

/** What a run has learnt about resources: their keys, with the digest of what was enforced. */
export interface Learnt {
  readonly enforced: ReadonlyMap<string, string>;
  /** Keys whose record is forgotten: skipped, or no longer in the body. */
  readonly forgotten: readonly string[];
  /** Left out when they are what they were. */
  readonly looks?: Looks;
}

export interface RunRecords {
  /** By resource key: digest of the parameters under which it was last ok or proven changed. */
  enforced(): ReadonlyMap<string, string>;
  looks(): Looks | undefined;
  owed(): readonly Owed[];
  /** On disk when it resolves, so that no crash forgets it. */
  owe(debts: readonly Owed[]): Promise<void>;
  pay(debts: readonly Owed[]): Promise<void>;
  /** Once at the end of a run, and only when there is something to tell. */
  learn(learnt: Learnt): Promise<void>;
}
