import { expect, test } from "bun:test";
import { parseInterfaceAddress, parseNetwork } from "../../../src/core/text/ip-network.ts";

test.each([
  ["10.1.2.3/8", "10.0.0.0/8"],
  ["10.0.0.1/32", "10.0.0.1"],
  ["0.0.0.0/0", "0.0.0.0/0"],
  ["192.168.129.7/17", "192.168.128.0/17"],
  ["FD00:0:0::1", "fd00::1"],
  ["fd00::1:2/112", "fd00::1:0/112"],
  ["2001:db8:0:0:1::/65", "2001:db8::/65"],
  ["::ffff:10.0.0.1", "::ffff:a00:1"],
  ["10.0.0.0/33", undefined],
  ["fd00::/129", undefined],
  ["10.0.0", undefined],
  ["10.0.0.1/a", undefined],
  ["host", undefined],
])("%s is %s", (written, wanted) => expect(parseNetwork(written)?.text).toBe(wanted));

test.each([
  ["10.1.2.3/8", "10.1.2.3/8"],
  ["FD00::0:5/064", "fd00::5/64"],
  ["10.1.2.3", undefined],
  ["10.1.2.3/33", undefined],
])("the address %s of an interface is %s", (written, wanted) =>
  expect(parseInterfaceAddress(written)).toBe(wanted),
);
