import { expect, test } from "bun:test";
import { doorRow, type Seen, slowest, stallsInLog } from "../../../bench/support/fleet/doors.ts";
import { logTo } from "../../../src/core/log.ts";
import { lagEvent } from "../../../src/modes/server/metrics/logged-lag.ts";

const [server, one, other] = [1, 2, 3];

/** Five slow answers of 200 ms, and who stood still in them. */
const seen: Seen = {
  slow: [1_000, 2_000, 3_000, 4_000, 5_000].map((from) => ({ pid: one, from, to: from + 200 })),
  server: [
    { pid: server, from: 1_050, to: 1_300, cpuMs: 240 },
    { pid: server, from: 3_000, to: 3_150, cpuMs: 1 },
    // Two short ones make a long one; of the last it is less than half.
    { pid: server, from: 4_000, to: 4_060, cpuMs: 60 },
    { pid: server, from: 4_100, to: 4_160, cpuMs: 60 },
    { pid: server, from: 4_950, to: 5_090, cpuMs: 60 },
  ],
  simulator: [
    { pid: one, from: 1_900, to: 2_100, cpuMs: 200 },
    { pid: one, from: 3_050, to: 3_200, cpuMs: 1 },
    // Another process waited for nothing of this.
    { pid: other, from: 5_000, to: 5_200, cpuMs: 200 },
  ],
};

test("a slow answer is laid at the door of who stood still for half of it", () => {
  expect(doorRow("p", seen)).toEqual(["p", 250, 200, 5, 2, 1, 1, 1]);
});

test("without the log of the server, only the simulator is judged", () => {
  const row = doorRow("p", { ...seen, server: undefined });
  expect(row).toEqual(["p", Number.NaN, 200, 5, 0, 2, 0, 3]);
});

test("the slowest are shown first, with the processor time of those who stood still", () => {
  const longer = { pid: one, from: 1_000, to: 1_250 };
  const text = slowest({ ...seen, slow: [...seen.slow, longer] }, 1);
  expect(
    text
      .split("\n")
      .at(-1)
      ?.split("|")
      .map((cell) => cell.trim()),
  ).toEqual(["", "1970-01-01T00:00:01.000Z", "250", "200", "240", "0", "0", ""]);
});

test("what the server's log says of it is found among all else", () => {
  const lines = ["no JSON at all\n"];
  const now = () => new Date(10_000);
  const log = logTo({ json: true, write: (line) => void lines.push(line), now });
  log.info("request", { path: `/x?${lagEvent}` });
  log.warn(lagEvent, { ms: 400, cpu_ms: 12 });
  expect(stallsInLog(lines.join(""), server)).toEqual([
    { pid: server, from: 9_600, to: 10_000, cpuMs: 12 },
  ]);
});
