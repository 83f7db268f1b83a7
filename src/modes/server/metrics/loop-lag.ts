/**
 * How late a timer of this process comes: so long has to wait whoever calls it, because it was busy, waited for the disk, or was given no
 * processor. Ten looks a second, which take 0.2 % of a processor where nothing else happens. What is shorter than a tenth of a second may fall
 * between two. Must not know what kept it, nor how it is printed.
 */
import { Histogram } from "../counters.ts";

/** It stood still from when it was known to go on to when it did again, in milliseconds of `performance.now()`. */
export interface StoodStill {
  readonly from: number;
  readonly to: number;
  /** How late its timer came: at least so long it stood still, `to - from` at most. */
  readonly lateMs: number;
  /** Processor time that all threads of the process took meanwhile: little means that it waited for something, or for its turn. */
  readonly cpuMs: number;
}

export interface LoopLagOptions {
  /** Between two looks (d: 100). */
  readonly everyMs?: number;
  /** From so late on … */
  readonly tellMs: number;
  /** … it is told here, as soon as the process goes on. */
  readonly tell: (stood: StoodStill) => void;
  readonly now?: () => number;
}

export class LoopLag {
  /** vigo_event_loop_lag_seconds */
  readonly seconds = new Histogram([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]);
  readonly #options: LoopLagOptions;
  readonly #everyMs: number;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout>;
  #lookedAt: number;
  #cpuMs = cpuMsSoFar();

  constructor(options: LoopLagOptions) {
    const { everyMs = 100, now = () => performance.now() } = options;
    this.#options = options;
    this.#everyMs = everyMs;
    this.#now = now;
    this.#lookedAt = now();
    this.#timer = this.#next();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Not an interval, which may make up for what it missed. */
  #next(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#look(), this.#everyMs);
    timer.unref();
    return timer;
  }

  #look(): void {
    const [from, to] = [this.#lookedAt, this.#now()];
    const lateMs = Math.max(0, to - from - this.#everyMs);
    this.seconds.observe(lateMs / 1000);
    const { tellMs, tell } = this.#options;
    const [before, cpuMs] = [this.#cpuMs, cpuMsSoFar()];
    this.#cpuMs = cpuMs;
    this.#lookedAt = to;
    this.#timer = this.#next();
    if (lateMs >= tellMs) tell({ from, to, lateMs, cpuMs: cpuMs - before });
  }
}

function cpuMsSoFar(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
