/** One phase of a simulation: what was answered, and what it cost the server. Must not know what is done in it. */
import { failed, type Outcome, percentile, type Snapshot } from "./figures.ts";

export interface Phase {
  readonly name: string;
  readonly outcome: Outcome;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly before: Snapshot | undefined;
  readonly after: Snapshot | undefined;
  readonly peakBytes: number;
}

/** With a look at the server's memory every ten seconds. */
export async function phase(
  name: string,
  look: () => Promise<Snapshot | undefined>,
  work: () => Promise<Outcome>,
): Promise<Phase> {
  const before = await look();
  let peakBytes = before?.residentBytes ?? Number.NaN;
  const see = async () => {
    peakBytes = Math.max(peakBytes, (await look())?.residentBytes ?? Number.NaN);
  };
  const timer = setInterval(() => void see(), 10_000);
  const from = Date.now();
  try {
    const outcome = await work();
    const to = Date.now();
    const after = await look();
    peakBytes = Math.max(peakBytes, after?.residentBytes ?? Number.NaN);
    process.stderr.write(`${name}: ${((to - from) / 1000).toFixed(1)} s\n`);
    return { name, outcome, from, to, before, after, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

export function phaseRow({ name, outcome, from, to, before, after, peakBytes }: Phase) {
  const sorted = [...outcome.latencies].sort((a, b) => a - b);
  const at = (share: number) => percentile(sorted, share);
  const delta = (field: keyof Snapshot) => (after?.[field] ?? Number.NaN) - (before?.[field] ?? 0);
  const cpu = delta("cpuSeconds");
  const seconds = (to - from) / 1000;
  return [
    name,
    sorted.length,
    seconds,
    at(0.5),
    at(0.99),
    at(1),
    failed(outcome),
    delta("refused"),
    (cpu * 1e6) / Math.max(1, sorted.length),
    (100 * cpu) / seconds,
    (after?.residentBytes ?? Number.NaN) / 1024 ** 2,
    peakBytes / 1024 ** 2,
    after?.connections ?? Number.NaN,
  ];
}

export const phaseHead = [
  "phase",
  "answered",
  "seconds",
  "p50 ms",
  "p99 ms",
  "max ms",
  "failed",
  "refused",
  "server CPU µs each",
  "server CPU %",
  "MiB",
  "peak MiB",
  "connections",
];
