/**
 * What this server is busy with for people, and how far it is: for those who wait for an answer that takes its time. Must not know what
 * the work is.
 */
import type { WorkName } from "../../core/api/server.ts";

interface Share {
  readonly done: number;
  readonly all: number;
}

/** Says which part of it begins; `share` is asked when somebody looks, and may cost something then. */
export type Part = (name: string, share?: () => Share | Promise<Share>) => void;

interface Work {
  readonly what: WorkName;
  readonly startedAt: number;
  part: string;
  share: (() => Share | Promise<Share>) | undefined;
}

export class Works {
  readonly #under = new Set<Work>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async during<T>(what: WorkName, work: (part: Part) => Promise<T>): Promise<T> {
    const own: Work = { what, startedAt: this.#now(), part: "beginning", share: undefined };
    this.#under.add(own);
    try {
      return await work((name, share) => {
        own.part = name;
        own.share = share;
      });
    } finally {
      this.#under.delete(own);
    }
  }

  /** Oldest first. */
  list() {
    return Promise.all(
      [...this.#under].map(async ({ what, startedAt, part, share }) => {
        const { done, all } = (await share?.()) ?? {};
        const known = done !== undefined && all !== undefined && all > 0;
        return { what, startedAt, part, ...(known && { done: Math.min(done, all), all }) };
      }),
    );
  }
}
