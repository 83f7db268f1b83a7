/** Latencies as percentiles, and what a server's `/metrics` says. Must not know who was measured. */

import type { Slow, Stall } from "./doors.ts";

/** What came of many calls: milliseconds of those that were answered, and why others were not. */
export interface Outcome {
  readonly latencies: readonly number[];
  readonly slow: readonly Slow[];
  /** Of the processes that called. */
  readonly stalls: readonly Stall[];
  readonly failures: Readonly<Record<string, number>>;
}

export const together = (outcomes: readonly Outcome[]): Outcome => {
  const failures: Record<string, number> = {};
  for (const one of outcomes)
    for (const [reason, count] of Object.entries(one.failures))
      failures[reason] = (failures[reason] ?? 0) + count;
  return {
    latencies: outcomes.flatMap(({ latencies }) => latencies),
    slow: outcomes.flatMap(({ slow }) => slow),
    stalls: outcomes.flatMap(({ stalls }) => stalls),
    failures,
  };
};

export const failed = ({ failures }: Outcome): number =>
  Object.values(failures).reduce((sum, count) => sum + count, 0);

/** By nearest rank: of n sorted values the one at ⌈share·n⌉. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Of one moment. */
export interface Snapshot {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly checkIns: number;
  /** Turned away in the handshake, or by a check of a request. */
  readonly refused: number;
  readonly connections: number;
}

/** From the text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function snapshot(page: string): Snapshot {
  const sum = (name: string) => {
    const line = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm");
    return [...page.matchAll(line)].reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    cpuSeconds: sum("process_cpu_seconds_total"),
    residentBytes: sum("process_resident_memory_bytes"),
    checkIns: sum("vigo_checkins_total"),
    refused: sum("vigo_tls_refused_total") + sum("vigo_sig_verify_failed_total"),
    connections: sum("vigo_connections_open"),
  };
}
