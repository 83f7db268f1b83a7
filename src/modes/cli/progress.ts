/**
 * Says that something takes its time, to a person who watches: after a second one line that is drawn again and again, with a bar, and
 * the share that is done where that is known. Must not know what it is.
 */
import { setImmediate } from "node:timers/promises";
import type { Screen } from "../../core/command/screen.ts";
import type { Step, Steps } from "../../core/steps.ts";
import { Live } from "./live.ts";

export interface Progress {
  /** So much is done, of `all`; both in the same unit, whichever. `part` is what is being done of it. */
  at(done: number, all: number, part?: string): void;
  /** Prints while the line may be there. */
  above(print: () => void): void;
}

/** Where nobody watches. */
export const silent: Progress = { at: () => {}, above: (print) => print() };

const afterMs = 1_000;
const width = 30;
/** Of the part that wanders where nobody knows how much is left. */
const wanderer = 6;

/** Nothing is drawn where nobody watches. */
export async function watched<T>(
  screen: Screen,
  what: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  if (!screen.watched) return work(silent);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  let share: number | undefined;
  let doing = "";
  let live: Live | undefined;
  const line = () => [`${what} ${bar(share, seconds())}${doing} · ${Math.floor(seconds())} s`];
  const timer = setTimeout(() => {
    live = new Live(screen, line);
    live.changed();
  }, afterMs);
  try {
    return await work({
      at(done, all, part = "") {
        share = all > 0 ? Math.min(1, done / all) : undefined;
        doing = part === "" ? "" : ` · ${part}`;
        live?.changed();
      },
      above: (print) => (live === undefined ? print() : live.above(print)),
    });
  } finally {
    clearTimeout(timer);
    live?.end();
    if (live !== undefined) screen.err(`${what} took ${seconds().toFixed(1)} s`);
  }
}

/** `[######......] 42 %`, or a part that wanders with the seconds. */
export function bar(share: number | undefined, seconds: number): string {
  if (share === undefined) {
    const at = Math.floor(seconds * 2) % (width - wanderer + 1);
    return `[${".".repeat(at)}${"#".repeat(wanderer)}${".".repeat(width - wanderer - at)}]`;
  }
  const full = Math.floor(share * width);
  return `[${"#".repeat(full)}${".".repeat(width - full)}] ${Math.floor(share * 100)} %`;
}

const stretchMs = 50;

/** Long work of this process, with pauses in which the line can be drawn. */
export async function inSteps<T>(
  steps: Steps<T>,
  progress: Pick<Progress, "at"> = silent,
): Promise<T> {
  let paused = performance.now();
  let latest: Step | undefined;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    latest = value ?? latest;
    if (performance.now() - paused < stretchMs) continue;
    if (latest !== undefined) progress.at(latest.done, latest.all, latest.part);
    await setImmediate();
    paused = performance.now();
  }
}

/** How much of a body has left: for calls that send a whole tree. */
export const sending =
  ({ at }: Pick<Progress, "at">) =>
  (bytes: number, all: number): void =>
    at(bytes, all, "sending");
