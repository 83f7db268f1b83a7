import { expect, test } from "bun:test";
import { processes, topCpu } from "../../src/core/traits/processes.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

/** Fields of proc_pid_stat(5): state, ticks of user and system, start, pages. */
const stat = (
  pid: number,
  comm: string,
  state: string,
  user: number,
  start: number,
  pages: number,
) =>
  `${pid} (${comm}) ${state} 1 1 1 0 -1 0 0 0 0 0 ${user} 0 0 0 20 0 1 0 ${start} 0 ${pages} 0\n`;

test("counts, and those at the top", async () => {
  const files = {
    "/proc/uptime": "1000.00 900.00\n",
    "/proc/1/stat": stat(1, "systemd", "S", 1_000, 0, 2_560),
    "/proc/1/status": "VmRSS:\t   10240 kB\n",
    "/proc/2/stat": stat(2, "kthreadd", "S", 0, 0, 0),
    "/proc/50/stat": stat(50, "a) b (c", "R", 45_000, 10_000, 25_600),
    "/proc/50/status": "VmRSS:\t  102400 kB\n",
    "/proc/60/stat": stat(60, "done", "Z", 0, 50_000, 0),
    "/proc/meminfo": "",
  };
  expect(await collect(processes, fakeHost({ files }).host)).toEqual({
    count: 4,
    zombies: 1,
    top_cpu: [
      { pid: 50, name: "a) b (c", cpu_pct: 50 },
      { pid: 1, name: "systemd", cpu_pct: 1 },
    ],
    top_rss: [
      { pid: 50, name: "a) b (c", rss_mb: 100 },
      { pid: 1, name: "systemd", rss_mb: 10 },
    ],
  });
  expect(await collect(processes, fakeHost().host)).toBeUndefined();
});

test("ten of any number, and none before the machine started", () => {
  const many = Array.from({ length: 50 }, (_, pid) => ({
    pid,
    comm: "x",
    state: "R",
    cpuSeconds: pid,
    startedAt: 0,
    rssPages: 1,
  }));
  expect(topCpu(many, 100).map(({ pid }) => pid)).toEqual([49, 48, 47, 46, 45, 44, 43, 42, 41, 40]);
  expect(topCpu(many, 0)).toEqual([]);
});
