/**
 * Lets writes that arrive together share one commit, because it is the commit that waits for the disk. Each promise still
 * resolves only after that. Must not know what is written.
 */
import type { Connection } from "./connection.ts";

interface Waiting {
  readonly work: () => void;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

/** Most writes in one commit: an agent waits for it. */
const most = 500;

/**
 * For company: while the disk is waited for nobody is served, so that one commit a tick is worth more than an early answer. Where the disk
 * is slow it is longer: others get three quarters of the time.
 */
const waitMs = { least: 5, most: 60 };

export function groupCommit(connection: Connection): (work: () => void) => Promise<void> {
  const waiting: Waiting[] = [];
  let tookMs = 0;
  const flush = async () => {
    const batch = waiting.splice(0, most);
    if (waiting.length > 0) setImmediate(flush);
    const began = performance.now();
    await together(connection, batch);
    tookMs = performance.now() - began;
  };
  const pause = () => Math.min(waitMs.most, Math.max(waitMs.least, 3 * tookMs));
  return (work) =>
    new Promise((done, failed) => {
      waiting.push({ work, done, failed });
      if (waiting.length === 1) setTimeout(flush, pause());
    });
}

/** One bad write must not take its neighbours along: then each gets its own commit and its own answer. */
async function together(connection: Connection, batch: readonly Waiting[]): Promise<void> {
  try {
    await connection.atomically(() => {
      for (const { work } of batch) work();
    });
    for (const { done } of batch) done();
  } catch (reason) {
    if (batch.length === 1) batch[0]?.failed(reason);
    else for (const one of batch) await together(connection, [one]);
  }
}
