/** Whole processes, measured in turn so that a drifting machine is fair to all. Must not know what it measures. */

export interface Contender {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that count as having worked. */
  readonly codes?: readonly number[];
}

export interface Figures {
  readonly name: string;
  /** Medians. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Peak resident memory of the process, MiB. */
  readonly peakMb: number;
}

/** A B C A B C …, `rounds` times after one uncounted round. */
export async function measure(
  contenders: readonly Contender[],
  rounds: number,
): Promise<readonly Figures[]> {
  const seen = contenders.map(() => [] as Omit<Figures, "name">[]);
  for (let round = 0; round <= rounds; round++)
    for (const [index, contender] of contenders.entries()) {
      const figures = await once(contender);
      if (round > 0) seen[index]?.push(figures);
    }
  return contenders.map(({ name }, index) => {
    const of = (field: keyof Omit<Figures, "name">) =>
      median((seen[index] ?? []).map((figures) => figures[field]));
    return { name, wallMs: of("wallMs"), cpuMs: of("cpuMs"), peakMb: of("peakMb") };
  });
}

async function once({ name, argv, env, codes = [0] }: Contender): Promise<Omit<Figures, "name">> {
  const started = performance.now();
  const child = Bun.spawn([...argv], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/root", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  const wallMs = performance.now() - started;
  if (!codes.includes(code)) throw new Error(`${name}: exit ${code}\n${out}\n${err}`);
  const usage = child.resourceUsage();
  return {
    wallMs,
    cpuMs: Number(usage?.cpuTime.total ?? 0) / 1000,
    peakMb: (usage?.maxRSS ?? 0) / 1024 / 1024,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
