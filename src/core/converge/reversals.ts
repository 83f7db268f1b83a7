/** What resources need to know to be undone (`revert: true`), by key. Must not know where it is kept, nor how anything is undone. */
import type { BodyResource } from "../bundle/body.ts";
import type { AnyResourceType } from "../resource.ts";
import type { Kept, Reverting } from "../revert.ts";

/** For the agent's state, and for tests. */
export interface Reversals {
  of(key: string): Promise<Kept | undefined>;
  /** On disk when it resolves. Nothing: it is forgotten. */
  keep(key: string, kept: Kept | undefined): Promise<void>;
}

/** For the turn of a resource that can be undone, or shall be; of any other nothing is kept. */
export function revertingOf(
  { key, revert }: BodyResource,
  { reversal }: AnyResourceType,
  reversals: Reversals,
  intent: () => string,
): { readonly reverting?: Reverting } {
  if (reversal === undefined && revert !== true) return {};
  return {
    reverting: {
      wanted: revert === true,
      intent: intent(),
      kept: () => reversals.of(key),
      keep: (kept) => reversals.keep(key, kept),
    },
  };
}
