/** Forgets what is older than `database.retention`, little by little, so that nobody waits for it. Must not know the database. */
import { setImmediate } from "node:timers/promises";
import type { Store } from "./store/store.ts";

/** Rows in one transaction. */
const batch = 1_000;

export interface Forgotten {
  /** Runs and stretches of runs. */
  readonly runs: number;
  /** Notes of how the fleet stood. */
  readonly samples: number;
}

export async function forgetOld(
  { runs: store, trend, tasks, workflows }: Pick<Store, "runs" | "trend" | "tasks" | "workflows">,
  before: number,
  forgotten: (runs: number) => void = () => {},
): Promise<Forgotten> {
  await workflows.prune(before);
  await tasks.prune(before);
  let runs = 0;
  for (;;) {
    const gone = await store.prune(before, batch);
    runs += gone;
    forgotten(runs);
    if (gone < batch) return { runs, samples: await trend.prune(before) };
    await setImmediate();
  }
}
