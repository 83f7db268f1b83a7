/**
 * At whose door a slow answer is laid: for how much of it the server stood still, and for how much the process of the simulator that
 * waited for it. Must not know what was asked.
 */
import { lagEvent } from "../../../src/modes/server/metrics/logged-lag.ts";
import { LoopLag } from "../../../src/modes/server/metrics/loop-lag.ts";
import { table } from "../table.ts";

/** Milliseconds since 1970. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Of the process with this number. */
export interface Stall extends Stretch {
  readonly pid: number;
  /** Processor time that it took meanwhile. */
  readonly cpuMs: number;
}

/** An answer that took long, and the process that waited for it. */
export interface Slow extends Stretch {
  readonly pid: number;
}

/** From this on an answer is looked into, in milliseconds. */
export const slowMs = 100;

/** A shorter stall explains no slow answer. */
const stallMs = 25;

/** Those of this process from now on, until they are taken. */
export function ownStalls(): { take(): readonly Stall[] } {
  const stalls: Stall[] = [];
  new LoopLag({
    everyMs: 10,
    tellMs: stallMs,
    tell: ({ to, lateMs, cpuMs }) => {
      const at = performance.timeOrigin + to;
      stalls.push({ pid: process.pid, from: at - lateMs, to: at, cpuMs });
    },
  });
  return { take: () => stalls.splice(0) };
}

/** What a server has written to its log, as JSON lines. */
export function stallsInLog(text: string, pid: number): readonly Stall[] {
  return text.split("\n").flatMap((line) => {
    if (!line.includes(lagEvent)) return [];
    const said = JSON.parse(line) as { time: string; event: string; ms: number; cpu_ms: number };
    if (said.event !== lagEvent) return [];
    const to = Date.parse(said.time);
    return { pid, from: to - said.ms, to, cpuMs: said.cpu_ms };
  });
}

/** The whole of a phase. */
export interface Seen {
  readonly slow: readonly Slow[];
  readonly simulator: readonly Stall[];
  /** Undefined: it is another's server, whose log is not here. */
  readonly server: readonly Stall[] | undefined;
}

const shared = (a: Stretch, b: Stretch): number =>
  Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));

const during = (slow: Slow, stalls: readonly Stall[]): number =>
  stalls.reduce((sum, stall) => sum + shared(slow, stall), 0);

/** Whoever stood still for half of it; where nobody did, it waited in a queue. */
function door(slow: Slow, { simulator, server = [] }: Seen): string {
  const half = (slow.to - slow.from) / 2;
  const own = simulator.filter(({ pid }) => pid === slow.pid);
  const doors = [
    ...(during(slow, server) >= half ? ["server"] : []),
    ...(during(slow, own) >= half ? ["simulator"] : []),
  ];
  return doors.join(" and ") || "neither";
}

const longest = (stalls: readonly Stall[] | undefined): number =>
  stalls === undefined
    ? Number.NaN
    : stalls.reduce((most, { from, to }) => Math.max(most, to - from), 0);

export const doorHead = [
  "phase",
  "server stood still at most, ms",
  "simulator, ms",
  `answers above ${slowMs} ms`,
  "by server",
  "by simulator",
  "by both",
  "by neither",
];

export function doorRow(name: string, seen: Seen): readonly (string | number)[] {
  const doors = seen.slow.map((slow) => door(slow, seen));
  const count = (which: string) => doors.filter((each) => each === which).length;
  return [
    name,
    longest(seen.server),
    longest(seen.simulator),
    seen.slow.length,
    ...["server", "simulator", "server and simulator", "neither"].map(count),
  ];
}

/** The slowest one by one, with what both did meanwhile. */
export function slowest(seen: Seen, count: number): string {
  const length = ({ from, to }: Stretch) => to - from;
  const some = [...seen.slow].sort((a, b) => length(b) - length(a)).slice(0, count);
  const rows = some.map((slow) => {
    const own = seen.simulator.filter(({ pid }) => pid === slow.pid);
    const cpu = (stalls: readonly Stall[]) =>
      stalls.filter((each) => shared(slow, each) > 0).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const server = seen.server ?? [];
    return [
      new Date(slow.from).toISOString(),
      length(slow),
      during(slow, server),
      cpu(server),
      during(slow, own),
      cpu(own),
    ];
  });
  const head = ["from", "ms", "server still, ms", "its CPU", "simulator still, ms", "its CPU"];
  return table(head, rows);
}
