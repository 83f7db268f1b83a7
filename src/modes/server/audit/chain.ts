/** The chain that shows whether an audit log was rewritten: each hash covers the one before. Must not know stores. */
import { canonicalJson } from "../../../core/json.ts";
import { sha256Hex } from "../../../core/pki/keys.ts";
import type { AuditEntry, AuditRow, AuditStore } from "../store/store.ts";

/** What the first entry follows. */
export const chainStart = "";

export const chained = (before: string, id: number, entry: AuditEntry): string => {
  const { at, actor, action, subject, detail } = entry;
  return sha256Hex(`${before}\n${canonicalJson({ id, at, actor, action, subject, detail })}`);
};

const batch = 1_000;

/** The first entry that does not follow from the one before, or undefined when the whole log holds. */
export async function firstBroken(audit: AuditStore): Promise<number | undefined> {
  let last: Pick<AuditRow, "id" | "hash"> = { id: 0, hash: chainStart };
  for (;;) {
    const rows = await audit.after(last.id, batch);
    for (const row of rows) {
      if (row.id !== last.id + 1 || row.hash !== chained(last.hash, row.id, row))
        return last.id + 1;
      last = row;
    }
    if (rows.length < batch) return undefined;
  }
}
