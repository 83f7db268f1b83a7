/** What port 1530 counts, for `/metrics`. Must not know how it is printed. */
import type { RefusalReason } from "../../../core/wire/service.ts";

/** How often each label has been seen. */
export class Tally<Label extends string> {
  readonly #counts = new Map<Label, number>();

  add(label: Label): void {
    this.#counts.set(label, this.of(label) + 1);
  }

  of(label: Label): number {
    return this.#counts.get(label) ?? 0;
  }

  entries(): IterableIterator<[Label, number]> {
    return this.#counts.entries();
  }
}

/** Durations in seconds, in buckets that each hold those up to their bound. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(seconds: number): void {
    this.sum += seconds;
    this.count++;
    const at = this.bounds.findIndex((bound) => seconds <= bound);
    if (at >= 0) this.counts[at] = (this.counts[at] ?? 0) + 1;
  }
}

/** What became of a connection before it said a word. */
export type TlsReason = "no_cert" | "wrong_ca" | "expired" | "not_tls" | "handshake" | "limit";

/** What a check-in was answered with. */
export type CheckInStatus = "unchanged" | "ticket" | "bundle" | "sections" | "refused" | "error";

export class GrpcMetrics {
  /** vigo_tls_refused_total{reason} */
  readonly tlsRefused = new Tally<TlsReason>();
  /** vigo_connection_errors_total{code} */
  readonly connectionErrors = new Tally<string>();
  /** vigo_sig_verify_failed_total{reason} */
  readonly refused = new Tally<RefusalReason>();
  /** vigo_checkins_total{status} */
  readonly checkIns = new Tally<CheckInStatus>();
  /** vigo_checkin_duration_seconds */
  readonly checkInSeconds = new Histogram([0.0001, 0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2, 10]);
}
