/** Records of runs in memory, and what of them survives a crash. Must not know runs. */
import type { Looks } from "../../src/core/converge/quick-checks.ts";
import type { Owed, RunRecords } from "../../src/core/converge/records.ts";
import type { Reversals } from "../../src/core/converge/reversals.ts";
import type { Kept } from "../../src/core/revert.ts";

export function memoryRecords(start: readonly Owed[] = []) {
  const enforced = new Map<string, string>();
  const debts = new Map(start.map((debt) => [`${debt.target}<${debt.cause}`, debt]));
  let looks: Looks | undefined;
  const records: RunRecords = {
    enforced: () => enforced,
    looks: () => looks,
    owed: () => [...debts.values()],
    owe: async (more) => {
      for (const debt of more) debts.set(`${debt.target}<${debt.cause}`, debt);
    },
    pay: async (paid) => {
      for (const { target, cause } of paid) debts.delete(`${target}<${cause}`);
    },
    learn: async (learnt) => {
      looks = learnt.looks ?? looks;
      for (const [key, digest] of learnt.enforced) enforced.set(key, digest);
      for (const key of learnt.forgotten) enforced.delete(key);
    },
  };
  return { records, enforced, debts };
}

/** What resources keep to be undone, in memory. */
export function memoryReversals(start: Readonly<Record<string, Kept>> = {}) {
  const kept = new Map(Object.entries(start));
  const reversals: Reversals = {
    of: async (key) => kept.get(key),
    keep: async (key, value) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
    },
  };
  return { reversals, kept };
}
