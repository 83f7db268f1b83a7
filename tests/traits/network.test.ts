import { describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { fullName, isReachable } from "../../src/core/tools/own-addresses.ts";
import { network } from "../../src/core/traits/network.ts";
import { defaultRoutesV4, defaultRoutesV6 } from "../../src/core/tools/routes.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

const addresses = [
  { interface: "lo", family: "ipv4", address: "127.0.0.1", prefix: 8 },
  { interface: "lo", family: "ipv6", address: "::1", prefix: 128 },
  { interface: "host0", family: "ipv4", address: "10.77.0.11", prefix: 24 },
  { interface: "host0", family: "ipv6", address: "fd77::b", prefix: 64 },
  { interface: "host0", family: "ipv6", address: "fe80::1", prefix: 64 },
] as const;

describe("network", () => {
  test("puts a host of the lab together", async () => {
    const { host } = fakeHost({ files: await fixture("debian-12"), addresses });
    const value = await collect(network, host);
    expect(value).toEqual({
      hostname: "web-1",
      fqdn: "web-1.lab.example",
      ip_addresses: ["10.77.0.11", "fd77::b"],
      mac_addresses: ["02:77:00:00:00:0b"],
      default_gateway: "10.77.0.1",
      default_ipv4: "10.77.0.11",
      default_ipv6: "fd77::b",
      dns_servers: ["10.77.0.1"],
      interfaces: {
        host0: {
          mtu: 1500,
          state: "up",
          speed_mbps: 10_000,
          addresses: ["10.77.0.11/24", "fd77::b/64", "fe80::1/64"],
        },
        lo: { mtu: 65_536, state: "unknown", speed_mbps: 0, addresses: ["127.0.0.1/8", "::1/128"] },
      },
    });
    expect(network.value.safeParse(value)).toMatchObject({ success: true });
  });

  test("a link that is down has no speed; any other refusal is one", async () => {
    const { host } = fakeHost({ files: await fixture("debian-12") });
    const refusing = (code: string) => ({
      ...host,
      read: async (path: string) => {
        if (!path.endsWith("/speed")) return host.read(path);
        const cause = Object.assign(new Error(code), { code });
        throw new VigoError("failed", `cannot read ${path}: ${code}`, { cause });
      },
    });
    const value = await collect(network, refusing("EINVAL"));
    expect(value?.interfaces["host0"]?.speed_mbps).toBe(0);
    expect(collect(network, refusing("EIO"))).rejects.toThrow("cannot read");
  });

  test("a machine without any of it is told as such", async () => {
    expect(await collect(network, fakeHost().host)).toMatchObject({
      hostname: "",
      default_gateway: "",
      default_ipv4: "",
      interfaces: {},
    });
  });
});

test.each([
  ["db.example.org", "", "", "db.example.org"],
  ["db", "127.0.1.1 db.example.org db\n", "", "db.example.org"],
  ["db", "127.0.1.1 db # db.example.net db\n", "", "db"],
  ["db", "127.0.1.1 db\n", "search corp.example other.example\n", "db.corp.example"],
  ["db", "", "domain one.example.\nsearch two.example\n", "db.two.example"],
  ["db", "", "", "db"],
])("full name of %p", (name, hosts, resolv, full) =>
  expect(fullName(name, hosts, resolv)).toBe(full),
);

test.each([
  ["ipv4", "127.0.0.53", false],
  ["ipv4", "169.254.3.4", false],
  ["ipv4", "192.168.1.5", true],
  ["ipv6", "::1", false],
  ["ipv6", "fe80::1", false],
  ["ipv6", "febf::1", false],
  ["ipv6", "fd00::1", true],
] as const)("%s %s", (family, address, reachable) =>
  expect(isReachable({ family, address, interface: "x", prefix: 0 })).toBe(reachable),
);

describe("the default route", () => {
  const head =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  test("is the one of the lowest metric", () => {
    const table = `${head}wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\neth0\t00000000\t0100020A\t0003\t0\t0\t100\t00000000\t0\t0\t0\neth0\t0000020A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n`;
    expect(defaultRoutesV4(table)[0]).toEqual({ interface: "eth0", gateway: "10.2.0.1" });
  });

  test("may have no gateway, and a route that refuses is none", () => {
    const table = `${head}ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\neth0\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n`;
    expect(defaultRoutesV4(table)[0]).toEqual({ interface: "ppp0", gateway: "" });
    expect(defaultRoutesV4(head)[0]).toBeUndefined();
  });

  test("of IPv6", () => {
    const zeros = "0".repeat(32);
    const table = `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo\n${zeros} 00 ${zeros} 00 fe80000000000000000000000000000a 00000400 00000001 00000000 00000003     eth0\n`;
    expect(defaultRoutesV6(table)[0]).toEqual({ interface: "eth0", gateway: "fe80::a" });
    expect(defaultRoutesV6("")[0]).toBeUndefined();
  });
});
