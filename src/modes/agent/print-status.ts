/** What `status` says, as data and as lines for people. Must not know where it comes from. */
import type { Pause } from "./pause.ts";

export interface AgentStatus {
  readonly version: string;
  readonly home: string;
  /** Absent before enrolment. */
  readonly envoy_id?: string;
  readonly hostname?: string;
  readonly servers: readonly string[];
  /** Process that holds the run lock: a daemon, or a run. */
  readonly running_pid?: number;
  /** 0: no bundle yet. */
  readonly policy_version: number;
  /** Seconds since the ticket was issued. */
  readonly bundle_age_s?: number;
  readonly bundle_expires_at?: string;
  /** Seconds since the oldest of the traits was collected. */
  readonly traits_age_s?: number;
  readonly last_run?: {
    readonly number: number;
    readonly at: string;
    readonly duration_ms: number;
  };
  readonly last_contact_at?: string;
  readonly interval_ms?: number;
  /** Mean time from one check-in to the next. */
  readonly cadence_ms?: number;
  readonly pending_results: number;
  readonly pending_refreshes: readonly { readonly target: string; readonly cause: string }[];
  readonly verification_keys: readonly string[];
  readonly paused?: Pause;
  /** Until then the server wants nothing enforced. */
  readonly maintenance_until?: string;
}

export function printStatus(status: AgentStatus): string {
  const { last_run: run, paused } = status;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["envoy", status.envoy_id ?? "not enrolled (vigo agent bootstrap)"],
    ["hostname", status.hostname],
    ["server", status.servers.join(", ") || undefined],
    ["running", status.running_pid === undefined ? "no" : `process ${status.running_pid}`],
    ["policy", status.policy_version === 0 ? "none yet" : String(status.policy_version)],
    ["bundle age", age(status.bundle_age_s)],
    ["bundle expires", status.bundle_expires_at],
    ["traits age", age(status.traits_age_s)],
    ["last run", run && `${run.number} at ${run.at}, ${run.duration_ms} ms`],
    ["last contact", status.last_contact_at],
    ["interval", milliseconds(status.interval_ms)],
    ["cadence", milliseconds(status.cadence_ms)],
    ["paused", paused && `until ${paused.until}: ${paused.reason}`],
    ["maintenance", status.maintenance_until && `until ${status.maintenance_until}`],
    ["results that wait", String(status.pending_results)],
    ...status.pending_refreshes.map(
      ({ target, cause }) => ["owed a refresh", `${target}, because of ${cause}`] as const,
    ),
    ["verification keys", status.verification_keys.join(", ") || undefined],
    ["home", status.home],
    ["version", status.version],
  ];
  return rows
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(18)} ${value}`)
    .join("\n");
}

const age = (seconds: number | undefined) =>
  seconds === undefined ? undefined : span(seconds * 1000);
const milliseconds = (ms: number | undefined) => (ms === undefined ? undefined : span(ms));

/** To the second, in the two largest units: `3d 4h`, `12m 5s`. */
function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 10 && ms % 1000 !== 0) return `${ms} ms`;
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}
