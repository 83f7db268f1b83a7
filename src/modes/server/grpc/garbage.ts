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

/** When so much has come since some was collected … */
const little = 16 * 1024 * 1024;

/** … and when so much has come since all was, as where a fleet comes for the first time: garbage has grown old among it. */
const much = 40 * 1024 * 1024;

const ours: Collector = {
  some: edenGC,
  all: () => {
    fullGC();
    // Gives back what is free.
    Bun.gc(false);
  },
  resident: () => process.memoryUsage.rss(),
};

/** Gives what is to be done now and then. */
export function collecting(collector: Collector = ours): () => void {
  let afterAll = collector.resident();
  let afterSome = afterAll;
  return () => {
    const now = collector.resident();
    // What has gone by itself, as with connections that ended, may come again.
    afterAll = Math.min(afterAll, now);
    afterSome = Math.min(afterSome, now);
    if (now >= afterAll + much) {
      collector.all();
      afterAll = afterSome = collector.resident();
    } else if (now >= afterSome + little) {
      collector.some();
      afterSome = collector.resident();
    }
  };
}
