/**
 * Numbers the runs of this envoy and keeps what is to be told of them: steady ones as one open stretch, which each check-in tells
 * as a whole, the others in the outbox until the server has committed them. Must not know how they are sent.
 */
import type { RunReport } from "../../core/converge/report.ts";
import type { Span } from "../../core/wire/convert.ts";
import type { Cache, RunCounter } from "./cache.ts";
import {
  batchOf,
  bounded,
  type Entry,
  firstOf,
  keyOf,
  makeRoom,
  pack,
  renumbered,
  unpack,
  type Waiting,
} from "./outbox.ts";

export class Ledger {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  get #runs(): RunCounter {
    return this.#cache.get("runs") ?? { next: 1 };
  }

  get openSpan(): Span | undefined {
    return this.#runs.open;
  }

  get durationMs(): number | undefined {
    return this.#runs.durationMs;
  }

  /** How many reports wait. */
  get waiting(): number {
    return this.#cache.waitingCount();
  }

  /** On disk when it returns. Gives the number of the run. */
  record(report: RunReport): number {
    const { next: number, open } = this.#runs;
    const at = Date.parse(report.started_at);
    const common = { next: number + 1, lastRunAt: at, durationMs: report.duration_ms };
    if (report.outcome === "ok") {
      const span = open
        ? { ...open, last: number, lastAt: at }
        : { first: number, last: number, firstAt: at, lastAt: at };
      this.#cache.changeOutbox({ runs: { ...common, open: span } });
      return number;
    }
    const entries: Entry[] = open ? [{ kind: "span", span: open }] : [];
    entries.push({ kind: "run", number, report: bounded(report) });
    this.#add(entries.map(pack), common);
    return number;
  }

  #add(fresh: readonly Waiting[], runs: RunCounter): void {
    const before = [...this.#cache.waiting()];
    const room = makeRoom([...before, ...fresh]);
    const removed = new Set(room?.remove);
    this.#cache.changeOutbox({
      runs,
      remove: [...removed].filter((key) => before.some((one) => one.key === key)),
      put: [...fresh.filter(({ key }) => !removed.has(key)), ...(room?.put ?? [])],
    });
  }

  /** The oldest reports that fit into one message. */
  batch(): readonly Entry[] {
    return batchOf(this.#cache.waiting());
  }

  /**
   * Of what was sent, the server has all up to this number. When that is more than was ever run here, this side was restored from
   * a backup: the server has taken these numbers for runs that it knows, so all that waits gets numbers above, to be sent again.
   */
  committed(upTo: number, sent: readonly Entry[]): "removed" | "renumbered" | "nothing" {
    const { next } = this.#runs;
    if (upTo >= next) return this.#moveAhead(upTo);
    const remove = sent.map(keyOf).filter((key) => key <= upTo);
    if (remove.length === 0) return "nothing";
    this.#cache.changeOutbox({ remove });
    return "removed";
  }

  #moveAhead(upTo: number): "renumbered" {
    const { next, open, ...rest } = this.#runs;
    const waiting = [...this.#cache.waiting()];
    const entries = waiting.map(unpack);
    const first = Math.min(next, open?.first ?? next, ...entries.map(firstOf));
    const by = upTo + 1 - first;
    const span = open && { ...open, first: open.first + by, last: open.last + by };
    this.#cache.changeOutbox({
      remove: waiting.map(({ key }) => key),
      put: entries.map((entry) => pack(renumbered(entry, by))),
      runs: { ...rest, next: next + by, ...(span && { open: span }) },
    });
    return "renumbered";
  }
}
