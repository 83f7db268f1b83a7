/** What `/metrics` says. Must not know who may read it. */
import { readdir } from "node:fs/promises";
import { ifThere } from "../../../core/publish/errno.ts";
import { statuses } from "../../../core/status.ts";
import type { Histogram, Tally } from "../counters.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Transitions } from "../status/transitions.ts";
import type { GrpcMetrics } from "../grpc/metrics.ts";
import { type FleetFigures, fleetFigures } from "../status/figures.ts";
import type { Store } from "../store/store.ts";
import { family, histogram, single } from "./exposition.ts";

export interface MetricsDeps {
  readonly fleet: Fleet;
  readonly store: Pick<Store, "size">;
  readonly grpc: { readonly metrics: GrpcMetrics; connections(): number };
  readonly policy: { readonly reloadErrors: number; readonly buildSeconds: Histogram };
  readonly policyVersion: () => number;
  /** `metrics.per_envoy` */
  readonly perEnvoy: () => boolean;
  readonly startedAt: number;
  readonly alerts: { readonly failures: number };
  readonly transitions: Pick<Transitions, "to">;
  readonly streams: { readonly size: number };
  readonly tasks: { readonly results: ReadonlyMap<string, number> };
  readonly lag: { readonly seconds: Histogram };
}

export async function metricsPage(deps: MetricsDeps): Promise<string> {
  const { fleet, store, grpc, policy, perEnvoy } = deps;
  return [
    ...ofFleet(fleet, fleetFigures(fleet)),
    perEnvoy() ? ofEachEnvoy(fleet) : "",
    tally(
      "vigo_envoy_state_transitions_total",
      "Changes of status of envoys, by the new one.",
      "to",
      deps.transitions.to,
    ),
    ...ofWire(grpc),
    single("gauge", "vigo_streams_open", "Streams that agents keep open.", deps.streams.size),
    tally("vigo_tasks_total", "Ends of tasks on envoys.", "result", deps.tasks.results),
    single(
      "counter",
      "vigo_config_reload_errors_total",
      "Published versions that could not be taken.",
      policy.reloadErrors,
    ),
    single("gauge", "vigo_config_version", "Policy version in force.", deps.policyVersion()),
    histogram(
      "vigo_bundle_build_seconds",
      "Time to resolve the policy for one envoy.",
      policy.buildSeconds,
    ),
    single(
      "counter",
      "vigo_webhook_failures_total",
      "Deliveries of alerts that were given up.",
      deps.alerts.failures,
    ),
    single("gauge", "vigo_database_size_bytes", "Size of the database.", await store.size()),
    histogram(
      "vigo_event_loop_lag_seconds",
      "How late a timer of the server came: so long whoever calls has to wait.",
      deps.lag.seconds,
    ),
    ...(await ofProcess(deps.startedAt)),
  ].join("");
}

function ofFleet(fleet: Fleet, { byStatus, convergence }: FleetFigures): readonly string[] {
  const active = statuses
    .filter((status) => status !== "offline")
    .reduce((sum, status) => sum + byStatus[status], 0);
  return [
    family({
      name: "vigo_envoys",
      help: "Envoys that are not revoked, by status.",
      kind: "gauge",
      samples: statuses.map((status) => [{ status }, byStatus[status]] as const),
    }),
    single("gauge", "vigo_envoys_active", "Envoys neither revoked nor offline.", active),
    convergence === undefined
      ? ""
      : single(
          "gauge",
          "vigo_convergence_ratio",
          "Active envoys that are as they should be.",
          convergence,
        ),
    single(
      "gauge",
      "vigo_checkin_age_seconds",
      "Longest silence of an active envoy.",
      longestSilence(fleet),
    ),
  ];
}

function longestSilence(fleet: Fleet): number {
  const now = fleet.now();
  let longest = 0;
  for (const envoy of fleet.list()) {
    const { row, lastSeenAt } = envoy;
    if (row.revokedAt !== undefined || lastSeenAt === undefined) continue;
    if (now - lastSeenAt > longest && fleet.status(envoy) !== "offline") longest = now - lastSeenAt;
  }
  return longest / 1000;
}

const ofEachEnvoy = (fleet: Fleet): string =>
  family({
    name: "vigo_envoy_status",
    help: "1 for the status an envoy has.",
    kind: "gauge",
    samples: [...fleet.list()]
      .filter(({ row }) => row.revokedAt === undefined)
      .map((envoy) => [{ envoy: envoy.row.hostname, status: fleet.status(envoy) }, 1] as const),
  });

function ofWire({ metrics, connections }: MetricsDeps["grpc"]): readonly string[] {
  const { checkIns, refused, tlsRefused, connectionErrors, checkInSeconds } = metrics;
  return [
    tally("vigo_checkins_total", "Check-ins, by what was answered.", "status", checkIns),
    tally("vigo_sig_verify_failed_total", "Requests refused, by reason.", "reason", refused),
    tally("vigo_tls_refused_total", "Connections refused in the handshake.", "reason", tlsRefused),
    tally("vigo_connection_errors_total", "Connections that broke.", "code", connectionErrors),
    histogram("vigo_checkin_duration_seconds", "Time to answer a check-in.", checkInSeconds),
    single("gauge", "vigo_connections_open", "Connections of agents.", connections()),
  ];
}

const tally = (
  name: string,
  help: string,
  label: string,
  counts: Pick<Tally<string>, "entries">,
): string =>
  family({
    name,
    help,
    kind: "counter",
    samples: [...counts.entries()].map(([value, n]) => [{ [label]: value }, n] as const),
  });

async function ofProcess(startedAt: number): Promise<readonly string[]> {
  const { user, system } = process.cpuUsage();
  const open = await ifThere(readdir("/proc/self/fd"));
  return [
    single("counter", "process_cpu_seconds_total", "CPU time used.", (user + system) / 1e6),
    single("gauge", "process_resident_memory_bytes", "Memory in use.", process.memoryUsage.rss()),
    single("gauge", "process_start_time_seconds", "When it began, unix time.", startedAt / 1000),
    open === undefined ? "" : single("gauge", "process_open_fds", "Open files.", open.length),
  ];
}
