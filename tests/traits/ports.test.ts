import { expect, test } from "bun:test";
import { ports } from "../../src/core/traits/ports.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

test("each port once, connections and clients left out", async () => {
  const { host } = fakeHost({ files: await fixture("debian-12") });
  expect(await collect(ports, host)).toEqual({ listening: [22, 53, 6379], udp: [68, 546] });
});

test("without IPv6, and without a network at all", async () => {
  const { "/proc/net/tcp": tcp = "" } = await fixture("debian-12");
  const v4 = fakeHost({ files: { "/proc/net/tcp": tcp } });
  expect(await collect(ports, v4.host)).toEqual({ listening: [22, 53], udp: [] });
  expect(await collect(ports, fakeHost().host)).toBeUndefined();
});
