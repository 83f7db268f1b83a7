import { expect, test } from "bun:test";
import { sysctlSecurity } from "../../src/core/traits/sysctl_security.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

test("dots become underscores, what the kernel has not is missing", async () => {
  const files = {
    "/proc/sys/kernel/randomize_va_space": "2\n",
    "/proc/sys/kernel/perf_event_paranoid": "-1\n",
    "/proc/sys/kernel/sysrq": "438\n",
    "/proc/sys/net/ipv4/conf/all/rp_filter": "1\n",
  };
  expect(await collect(sysctlSecurity, fakeHost({ files }).host)).toEqual({
    kernel_randomize_va_space: 2,
    kernel_perf_event_paranoid: -1,
    kernel_sysrq: 438,
    net_ipv4_conf_all_rp_filter: 1,
  });
  expect(await collect(sysctlSecurity, fakeHost().host)).toBeUndefined();
});
