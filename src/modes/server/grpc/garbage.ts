/**
 * Collects the garbage of calls before the runtime does: it lets its heap grow to twice what is in use, which beside ten thousand
 * connections is a hundred megabytes that nobody needs. Must not know what calls do.
 */
import { edenGC, fullGC } from "bun:jsc";

export interface Collector {
  /** What is new: some milliseconds. */
  some(): unknown;
  /** All of it: a tenth of a second with 10,000 connections. */
  all(): unknown;
  /** Memory that the process has, in bytes. */
  resident(): number;
}

/** Calls and connections; each leaves some 25 KiB. */
const most = 1_000;

/** When so much has come since all was collected, as where a fleet comes for the first time, garbage has grown old among it. */
const growth = 40 * 1024 * 1024;

const ours: Collector = {
  some: edenGC,
  all: () => {
    fullGC();
    // Gives back what is free.
    Bun.gc(false);
  },
  resident: () => process.memoryUsage.rss(),
};

/** `begun`: how many there were so far. Gives what is to be done now and then. */
export function collecting(begun: () => number, collector: Collector = ours): () => void {
  let collected = begun();
  let had = collector.resident();
  return () => {
    const now = begun();
    if (now - collected < most) return;
    collected = now;
    if (collector.resident() < had + growth) collector.some();
    else {
      collector.all();
      had = collector.resident();
    }
  };
}
