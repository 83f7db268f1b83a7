/** Which processes take most. Must not know how processes are listed. */

interface Consumer {
  readonly pid: number;
  readonly name: string;
  readonly cpuSeconds: number;
  readonly ageSeconds: number;
  readonly rssBytes: number;
}

export const shown = 10;
const oneDigit = (figure: number) => Math.round(figure * 10) / 10;

/** Of a processor since each of them started, as ps(1) of Linux counts %CPU. */
export const topByCpu = (found: readonly Omit<Consumer, "rssBytes">[]) =>
  found
    .map(({ pid, name, cpuSeconds, ageSeconds }) => ({
      pid,
      name,
      cpu_pct: ageSeconds > 0 ? oneDigit((cpuSeconds / ageSeconds) * 100) : 0,
    }))
    .filter(({ cpu_pct }) => cpu_pct > 0)
    .sort((a, b) => b.cpu_pct - a.cpu_pct || a.pid - b.pid)
    .slice(0, shown);

export const topByMemory = (found: readonly Consumer[]) =>
  found
    .map(({ pid, name, rssBytes }) => ({ pid, name, rss_mb: oneDigit(rssBytes / 1024 / 1024) }))
    .filter(({ rss_mb }) => rss_mb > 0)
    .sort((a, b) => b.rss_mb - a.rss_mb || a.pid - b.pid)
    .slice(0, shown);
