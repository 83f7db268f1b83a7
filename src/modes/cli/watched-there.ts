/**
 * A line of progress while the server works: what it does, and how far it is, are asked of it again and again. Must not know what it was
 * asked for, nor draw.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { serverWork, type WorkName } from "../../core/api/server.ts";
import type { Screen } from "../../core/command/screen.ts";
import { VigoError } from "../../core/errors.ts";
import type { Call } from "./client.ts";
import { type Progress, silent, watched } from "./progress.ts";

interface Watching {
  readonly screen: Screen;
  /** The server that works. */
  readonly call: Call;
  /** What it works on. */
  readonly what: WorkName;
}

/** What is quick is asked nothing of. */
const firstMs = 700;
const everyMs = 500;

export function watchedThere<T>(
  watching: Watching,
  label: string,
  work: (progress: Pick<Progress, "at">) => Promise<T>,
): Promise<T> {
  if (!watching.screen.watched) return work(silent);
  return watched(watching.screen, label, async (progress) => {
    const over = new AbortController();
    const looking = look(watching, progress, over.signal);
    try {
      return await work(progress);
    } finally {
      over.abort();
      await looking;
    }
  });
}

async function look({ call, what }: Watching, progress: Progress, over: AbortSignal) {
  for (let pause = firstMs; await passes(pause, over); pause = everyMs) {
    const found = await asked(call, what);
    if (found === "unknown") return;
    if (found === undefined) continue;
    const { part, done = 0, all = 0 } = found;
    progress.at(done, all, part);
  }
}

/** False: it is over before. */
const passes = (ms: number, over: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal: over }).catch((error: unknown) => {
    if (over.aborted) return false;
    throw error;
  });

/** unknown: an older server, or one that does not answer now; what it was asked for says the rest. */
async function asked(call: Call, what: WorkName) {
  try {
    const { work } = await call(serverWork, { params: {} });
    return work.find((each) => each.what === what);
  } catch (caught) {
    if (caught instanceof VigoError) return "unknown";
    throw caught;
  }
}
