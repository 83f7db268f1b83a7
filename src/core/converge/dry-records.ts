/** Records for a run that leaves nothing behind: what was known before, and no word of what is new. Must not know where they came from. */
import type { RunRecords } from "./records.ts";

const untouched = async () => undefined;

export const dryRecords = (
  known: Partial<Pick<RunRecords, "enforced" | "looks" | "owed">> = {},
): RunRecords => ({
  enforced: () => new Map(),
  looks: () => undefined,
  owed: () => [],
  ...known,
  owe: untouched,
  pay: untouched,
  learn: untouched,
});
