/**
 * All traits of this machine: cold (a fresh process that knows nothing), and warm (the next cycles of a process that goes on, where
 * what is kept for an hour or a boot is not due); beside facter, where it is installed. What takes longest is named.
 * Usage: bun bench/traits.ts [ROUNDS]
 */
import { join } from "node:path";
import { collectTraits } from "../src/core/collect.ts";
import { traits } from "../src/core/traits/index.ts";
import { machine } from "../src/modes/agent/machine/machine.ts";
import { type Contender, measure, median } from "./support/measure.ts";
import { table } from "./support/table.ts";

const rounds = Number(process.argv[2] ?? 7);
const vigo = process.env["VIGO_BINARY"] ?? join(process.cwd(), "dist", "vigo");

const contenders: Contender[] = [
  { name: "vigo agent traits", argv: [vigo, "agent", "traits", "--json"] },
  { name: "vigo agent traits os", argv: [vigo, "agent", "traits", "os", "--json"] },
];
if (Bun.which("facter") !== null)
  contenders.push({ name: "facter", argv: ["facter", "--json"], codes: [0, 1] });
if (Bun.which("apt") !== null)
  contenders.push({ name: "apt list --upgradable", argv: ["apt", "list", "--upgradable"] });

const host = () => machine({ agent: { version: "bench" } });

/** Milliseconds and their processor time of one piece of work. */
async function timed(work: () => Promise<unknown>): Promise<readonly [wall: number, cpu: number]> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return [wall, (user + system) / 1000];
}

const medianOf = (figures: readonly (readonly [number, number])[], at: 0 | 1) =>
  median(figures.map((figure) => figure[at]));

async function warm() {
  const { sections } = await collectTraits(traits, host());
  const figures: (readonly [number, number])[] = [];
  for (let round = 0; round < rounds; round++)
    figures.push(await timed(() => collectTraits(traits, host(), { previous: sections })));
  return figures;
}

async function each() {
  const rows: { name: string; keep: string; wall: number; cpu: number }[] = [];
  for (const trait of traits) {
    const figures: (readonly [number, number])[] = [];
    for (let round = 0; round < rounds; round++)
      figures.push(await timed(() => collectTraits([trait], host())));
    const [wall, cpu] = [medianOf(figures, 0), medianOf(figures, 1)];
    rows.push({ name: trait.name, keep: trait.keep, wall, cpu });
  }
  return rows.sort((a, b) => b.wall - a.wall);
}

const whole = await measure(contenders, rounds);
const base = whole[0]?.wallMs ?? Number.NaN;
const again = await warm();
const slowest = (await each()).slice(0, 10);
process.stdout.write(
  `${traits.length} traits, medians of ${rounds}; cold: whole processes\n\n${table(
    ["", "wall ms", "× vigo", "cpu ms", "peak MiB"],
    whole.map((one) => [one.name, one.wallMs, one.wallMs / base, one.cpuMs, one.peakMb]),
  )}\n\nwarm, in a process that goes on: ${medianOf(again, 0).toFixed(0)} ms wall, ${medianOf(again, 1).toFixed(0)} ms processor time\n\n${table(
    ["alone, warm process", "kept", "wall ms", "cpu ms"],
    slowest.map(({ name, keep, wall, cpu }) => [name, keep, wall, cpu]),
  )}\n`,
);
