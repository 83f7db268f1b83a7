import { expect, test } from "bun:test";
import { uptime } from "../../src/core/traits/uptime.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const collected = (files: Record<string, string>) => collect(uptime, fakeHost({ files }).host);

test("reads what the kernel says", async () => {
  const files = {
    "/proc/uptime": "350735.47 234388.90\n",
    "/proc/stat": "cpu 1\nbtime 1767225600\n",
  };
  expect(await collected(files)).toEqual({
    seconds: 350_735,
    boot_time: "2026-01-01T00:00:00.000Z",
  });
});

test("is absent where the kernel does not say it", async () => {
  expect(await collected({})).toBeUndefined();
  expect(await collected({ "/proc/uptime": "1.0 1.0\n", "/proc/stat": "cpu 1\n" })).toBeUndefined();
});
