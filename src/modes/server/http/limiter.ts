/** How often an address, or a user, may ask. Must not know what for. */
import { VigoError } from "../../../core/errors.ts";

export interface LimiterOptions {
  /** So many at once … */
  readonly burst: number;
  /** … and so many a second from then on. */
  readonly perSecond: number;
  readonly now: () => number;
}

interface Bucket {
  left: number;
  at: number;
}

/** Those that are remembered; the one that was silent for longest is forgotten first. */
const most = 10_000;

export class Limiter {
  readonly #options: LimiterOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /** Takes `cost`; throws `limited` when there is nothing left to take from. */
  take(who: string, cost = 1): void {
    const bucket = this.#bucket(who);
    if (bucket.left < 1) {
      const seconds = Math.ceil((1 - bucket.left) / this.#options.perSecond);
      throw new VigoError("limited", "too many requests", {
        hint: `try again in ${seconds} s`,
        retryAfter: seconds,
      });
    }
    bucket.left -= cost;
  }

  /** Taken afterwards, for what turned out to be a wrong guess. */
  punish(address: string, cost: number): void {
    this.#bucket(address).left -= cost;
  }

  #bucket(address: string): Bucket {
    const { burst, perSecond } = this.#options;
    const now = this.#options.now();
    const { left, at } = this.#buckets.get(address) ?? { left: burst, at: now };
    const bucket = { left: Math.min(burst, left + ((now - at) / 1000) * perSecond), at: now };
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > most && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
