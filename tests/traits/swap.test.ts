import { expect, test } from "bun:test";
import { parseSwaps, swap } from "../../src/core/traits/swap.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

test("a partition and a file, as Rocky lists them", async () => {
  const { host } = fakeHost({ files: await fixture("rocky-9") });
  expect(await collect(swap, host)).toEqual({
    total_mb: 6143,
    used_mb: 1024,
    devices: [
      { path: "/dev/dm-1", type: "partition", size_mb: 4095, used_mb: 1024, priority: -2 },
      { path: "/var/swap file", type: "file", size_mb: 2047, used_mb: 0, priority: 10 },
    ],
  });
});

test("none at all is a value, no kernel tables are none", async () => {
  const none = fakeHost({ files: { "/proc/meminfo": "SwapTotal: 0 kB\n" } });
  expect(await collect(swap, none.host)).toEqual({ total_mb: 0, used_mb: 0, devices: [] });
  expect(await collect(swap, fakeHost().host)).toBeUndefined();
});

test("zram, and a file that was deleted", () => {
  const table = [
    "Filename Type Size Used Priority",
    "/dev/zram0                              partition\t\t2019324\t\t4096\t\t100",
    "/swap\\040(deleted)                     file\t\t1024\t\t0\t\t-3",
    "",
  ].join("\n");
  expect(parseSwaps(table)).toEqual([
    { path: "/dev/zram0", type: "partition", size_mb: 1971, used_mb: 4, priority: 100 },
    { path: "/swap (deleted)", type: "file", size_mb: 1, used_mb: 0, priority: -3 },
  ]);
});
