import { expect, test } from "bun:test";
import { loadavg, parseLoadavg } from "../../src/core/traits/loadavg.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

test("for each processor that is online", async () => {
  const files = {
    "/proc/loadavg": "3.00 2.51 1.20 2/345 12345\n",
    "/sys/devices/system/cpu/online": "0-2,8\n",
  };
  const { host } = fakeHost({ files });
  const value = await collect(loadavg, host);
  expect(value).toEqual({ one: 3, five: 2.51, fifteen: 1.2, per_cpu_one: 0.75 });
});

test.each(["", "0.5"])("%p is no such line", (text) => {
  expect(parseLoadavg(text, 1)).toBeUndefined();
});
