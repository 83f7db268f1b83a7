import { expect, test } from "bun:test";
import { agentSelf } from "../../src/core/traits/agent_self.ts";
import { parseStat } from "../../src/core/tools/processes.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const stat =
  "4242 (vigo (agent) 1) S 1 4242 4242 0 -1 4194560 9 0 0 0 150 25 0 0 20 0 11 0 6000 1 2 3\n";

test("says what the agent costs", async () => {
  const files = {
    "/proc/self/stat": stat,
    "/proc/self/status": "Name:\tvigo\nVmRSS:\t   65536 kB\n",
    "/proc/uptime": "100.50 1.00\n",
    "/proc/self/fd/0": "",
    "/proc/self/fd/1": "",
  };
  const { host } = fakeHost({ files, agent: { version: "1.2.3", runDurationMs: 84.6 } });
  expect(await collect(agentSelf, host)).toEqual({
    version: "1.2.3",
    rss_bytes: 67_108_864,
    cpu_seconds: 1.75,
    open_fds: 2,
    uptime_seconds: 40,
    run_duration_ms: 85,
  });
});

test("is absent where no agent asks", async () => {
  expect(await collect(agentSelf, fakeHost().host)).toBeUndefined();
});

test("a name with blanks and brackets moves no field", () => {
  expect(parseStat(stat)).toMatchObject({
    comm: "vigo (agent) 1",
    cpuSeconds: 1.75,
    startedAt: 60,
  });
});
