/** One phase of a simulation: what was answered, what it cost the server, and what others did on this machine. Must not know what is done in it. */
import { simulatorSeconds, type Watched } from "./acts.ts";
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
  /** Processor time that programs took that are no part of this, and that a hypervisor gave to others; undefined: not known here. */
  readonly othersSeconds: number | undefined;
}

/** With a look at the server's memory every ten seconds. */
export async function phase(
  name: string,
  { look, envoys }: Watched,
  work: () => Promise<Outcome>,
): Promise<Phase> {
  const [before, own, all] = [await look(), await simulatorSeconds(envoys), await machineSeconds()];
  let peakBytes = before?.residentBytes ?? Number.NaN;
  const see = async () => {
    peakBytes = Math.max(peakBytes, (await look())?.residentBytes ?? Number.NaN);
  };
  const timer = setInterval(() => void see(), 10_000);
  const from = Date.now();
  try {
    const outcome = await work();
    const to = Date.now();
    const [after, ownThen, allThen] = [
      await look(),
      await simulatorSeconds(envoys),
      await machineSeconds(),
    ];
    const server = (after?.cpuSeconds ?? Number.NaN) - (before?.cpuSeconds ?? 0);
    const othersSeconds =
      all === undefined || allThen === undefined
        ? undefined
        : allThen - all - (ownThen - own) - server;
    peakBytes = Math.max(peakBytes, after?.residentBytes ?? Number.NaN);
    process.stderr.write(`${name}: ${((to - from) / 1000).toFixed(1)} s\n`);
    return { name, outcome, from, to, before, after, peakBytes, othersSeconds };
  } finally {
    clearInterval(timer);
  }
}

/** All that was not idle, and what was stolen, of proc_stat(5). */
async function machineSeconds(): Promise<number | undefined> {
  if (process.platform !== "linux") return undefined;
  const [line = ""] = (await Bun.file("/proc/stat").text()).split("\n", 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, stolen = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + soft + stolen) / 100;
}

export function phaseRow(phase: Phase) {
  const { name, outcome, from, to, before, after, peakBytes, othersSeconds } = phase;
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
    (100 * (othersSeconds ?? Number.NaN)) / seconds,
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
  "others' CPU %",
];
