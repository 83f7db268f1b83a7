/** What port 1530 counts, for `/metrics`. Must not know how it is printed. */
import type { RefusalReason } from "../../../core/wire/service.ts";
import { Histogram, Tally } from "../counters.ts";

/** What became of a connection before it said a word. */
export type TlsReason = "no_cert" | "wrong_ca" | "expired" | "not_tls" | "handshake" | "limit";

/** What a check-in was answered with. */
export type CheckInStatus = "unchanged" | "ticket" | "bundle" | "sections" | "refused" | "error";

export class GrpcMetrics {
  /** Connections and calls, those too that came to nothing. */
  begun = 0;
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
