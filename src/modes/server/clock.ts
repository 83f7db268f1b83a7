/**
 * Whether the host's clock can be believed when something is to be forgotten for its age, and by how much it leapt, for what has time
 * left. It is held against one that nobody can set, and at start against what it last said: a clock that leaps a year ahead would end
 * the whole history, and each task that waits. Must not know what is forgotten, nor what waits.
 */
import type { Log } from "../../core/log.ts";
import type { Store } from "./store/store.ts";

const day = 86_400_000;

/** A clock that is set right by less has not jumped. */
export const tolerance = 60_000;

/** So long a server may have been away without anybody asking whether it was. */
const plausibleAbsence = 7 * day;

const fact = "clock.believed_at";

interface ClockOptions {
  readonly meta: Pick<Store["meta"], "get" | "set">;
  readonly log: Log;
  /** Milliseconds since 1970, as the host says … */
  readonly now: () => number;
  /** … and since any moment, as nobody can set. */
  readonly elapsed: () => number;
}

export class Clock {
  readonly #options: ClockOptions;
  /** What the two differ by. */
  #offset: number;
  /** The same, when the clock was believed last; undefined: not since the start. */
  #believed: number | undefined;
  /** By the clock that nobody can set; undefined: it has not jumped. */
  #jumpedAt: number | undefined;
  #steadySince: number;
  readonly #listeners: ((by: number) => void)[] = [];

  private constructor(options: ClockOptions) {
    this.#options = options;
    this.#offset = options.now() - options.elapsed();
    this.#believed = this.#offset;
    this.#steadySince = options.now();
  }

  static async open(options: ClockOptions): Promise<Clock> {
    const clock = new Clock(options);
    const before = Number((await options.meta.get(fact)) ?? options.now());
    if (options.now() - before > plausibleAbsence) clock.#jumped(options.now() - before, undefined);
    return clock;
  }

  /** Now, or what has not been believed for a day has become what people want. */
  get isBelieved(): boolean {
    return this.#jumpedAt === undefined || this.#options.elapsed() - this.#jumpedAt >= day;
  }

  /** Since when times can be subtracted from each other, by the clock of now. */
  get steadySince(): number {
    return this.#steadySince;
  }

  /** Now, as the host says; who waits for a leap has been told of it by then. */
  now = (): number => {
    this.look();
    return this.#options.now();
  };

  /** Called with the whole milliseconds of each leap, as soon as anybody looks. */
  onLeap(listener: (by: number) => void): void {
    this.#listeners.push(listener);
  }

  /** To be called now and then. */
  look(): void {
    const offset = this.#options.now() - this.#options.elapsed();
    // The clock that nobody can set is finer than a millisecond, and the times that are moved are not.
    const by = Math.round(offset - this.#offset);
    this.#offset = offset;
    if (Math.abs(by) <= tolerance) return;
    this.#jumped(by, this.isBelieved ? offset - by : this.#believed);
    for (const listener of this.#listeners) listener(by);
  }

  /** So that the next start knows it. */
  async note(): Promise<void> {
    if (this.isBelieved) await this.#options.meta.set(fact, String(this.#options.now()));
  }

  #jumped(by: number, believed: number | undefined): void {
    this.#steadySince = this.#options.now();
    this.#believed = believed;
    const isBack = believed !== undefined && Math.abs(this.#offset - believed) <= tolerance;
    this.#jumpedAt = isBack ? undefined : this.#options.elapsed();
    const seconds = Math.round(by / 1_000);
    if (isBack) this.#options.log.info("the clock is back where it was", { seconds });
    else
      this.#options.log.error("the clock has jumped", {
        seconds,
        hint: "set it right; unless it is, nothing is forgotten for its age until a day has passed; tasks, workflows and rollouts keep the time they have left",
      });
  }
}
