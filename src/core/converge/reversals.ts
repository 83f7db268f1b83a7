/** What resources need to know to be undone (`revert: true`), by key: for the agent's state and for tests. Types only. */
import type { Kept } from "../revert.ts";

export interface Reversals {
  of(key: string): Promise<Kept | undefined>;
  /** On disk when it resolves. Nothing: it is forgotten. */
  keep(key: string, kept: Kept | undefined): Promise<void>;
}
