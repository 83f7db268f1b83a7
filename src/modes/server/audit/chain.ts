/** Follows the chain through a kept audit log. Must not know stores. */
import { chainStart, follows, type Link } from "../../../core/audit/chain.ts";
import type { AuditStore } from "../store/store.ts";

const batch = 1_000;

export interface Followed {
  /** The last entry that holds. */
  readonly last: Link;
  /** The first that does not follow from the one before; undefined when all do. */
  readonly broken: number | undefined;
}

/** From an entry that is known to hold, or the first one. */
export async function follow(
  audit: Pick<AuditStore, "after">,
  from: Link = chainStart,
): Promise<Followed> {
  let last: Link = { id: from.id, hash: from.hash };
  for (;;) {
    const rows = await audit.after(last.id, batch);
    for (const row of rows) {
      if (!follows(last, row)) return { last, broken: last.id + 1 };
      last = { id: row.id, hash: row.hash };
    }
    if (rows.length < batch) return { last, broken: undefined };
  }
}

/** The first entry that does not follow from the one before, or undefined when the whole log holds. */
export const firstBroken = async (audit: AuditStore): Promise<number | undefined> =>
  (await follow(audit)).broken;
