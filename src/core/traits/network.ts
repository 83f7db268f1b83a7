/**
 * The `network` trait: names, addresses, interfaces and routes of this machine, from `/proc/net`, `/sys/class/net`, `/etc/hosts`
 * and `/etc/resolv.conf`. It asks no name server, so that it says the same with the cable cut. Must not know who listens on what.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import {
  firstOf,
  fullName,
  isReachable,
  nameServersIn,
  withPrefix,
} from "../tools/own-addresses.ts";
import { unlessCode } from "../tools/refusal.ts";
import { defaultRoutesV4, defaultRoutesV6 } from "../tools/routes.ts";
import { defineTrait } from "../trait.ts";

const one = (description: string) => z.string().meta({ description });
const many = (description: string) => z.array(z.string()).meta({ description });

export const network = defineTrait({
  name: "network",
  summary: "Names, addresses and interfaces.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/network.ts") as typeof import("./darwin/network.ts")).network,
    windows: () =>
      (require("./windows/network.ts") as typeof import("./windows/network.ts")).network,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      hostname: one("Name of the machine up to the first dot."),
      fqdn: one("Full name, as far as the machine itself knows it."),
      ip_addresses: many("Addresses others can reach: neither loopback nor link-local ones."),
      mac_addresses: many("Hardware addresses, lower case, without those of all zeros."),
      default_gateway: one("Where IPv4 packets for elsewhere go, else IPv6 ones; empty: nowhere."),
      default_ipv4: one("First address of the interface of the default route; empty: none."),
      default_ipv6: one("First address of the interface of the default route; empty: none."),
      dns_servers: many("Name servers of resolv.conf(5), in order."),
      interfaces: z
        .record(
          z.string(),
          z.strictObject({
            mtu: z.int().min(0).meta({ description: "Largest packet, bytes." }),
            state: one("RFC 2863 state: up, down, dormant, unknown, …"),
            speed_mbps: z
              .int()
              .min(0)
              .meta({ description: "Speed of the link, Mbit/s; 0 where it has none." }),
            addresses: many("With the length of the prefix: `192.0.2.7/24`."),
          }),
        )
        .meta({ description: "By name of the interface." }),
    }),
  async collect(host) {
    const [kernelName, hosts = "", resolv = "", v4 = "", v6 = "", links, addresses] =
      await Promise.all([
        fileLine(host, "/proc/sys/kernel/hostname"),
        fileText(host, "/etc/hosts"),
        fileText(host, "/etc/resolv.conf"),
        fileText(host, "/proc/net/route"),
        fileText(host, "/proc/net/ipv6_route"),
        readLinks(host),
        host.addresses(),
      ]);
    const [routeV4, routeV6] = [defaultRoutesV4(v4)[0], defaultRoutesV6(v6)[0]];
    return {
      hostname: kernelName.split(".")[0] ?? "",
      fqdn: fullName(kernelName, hosts, resolv),
      ip_addresses: addresses.filter(isReachable).map(({ address }) => address),
      mac_addresses: [
        ...new Set(links.map(({ mac }) => mac).filter((mac) => /[1-9a-f]/.test(mac))),
      ],
      default_gateway: routeV4?.gateway || routeV6?.gateway || "",
      default_ipv4: firstOf(addresses, "ipv4", routeV4?.interface),
      default_ipv6: firstOf(addresses, "ipv6", routeV6?.interface),
      dns_servers: nameServersIn(resolv),
      interfaces: Object.fromEntries(
        links.map(({ name, mtu, state, speed_mbps }) => [
          name,
          { mtu, state, speed_mbps, addresses: withPrefix(addresses, name) },
        ]),
      ),
    };
  },
  example: {
    hostname: "web-1",
    fqdn: "web-1.example.com",
    ip_addresses: ["192.0.2.7", "2001:db8::7"],
    mac_addresses: ["52:54:00:12:34:56"],
    default_gateway: "192.0.2.1",
    default_ipv4: "192.0.2.7",
    default_ipv6: "2001:db8::7",
    dns_servers: ["192.0.2.53"],
    interfaces: {
      eth0: {
        mtu: 1500,
        state: "up",
        speed_mbps: 1000,
        addresses: ["192.0.2.7/24", "2001:db8::7/64"],
      },
    },
  },
});

/** A container host may have thousands of them, and nobody decides by the last. */
const mostLinks = 256;

async function readLinks(host: ReadHost) {
  const names = (await host.list("/sys/class/net")) ?? [];
  const links = await Promise.all(names.slice(0, mostLinks).map((name) => readLink(host, name)));
  return links.filter((link) => link !== undefined);
}

/** Undefined for what is no interface, as the file `bonding_masters`. */
async function readLink(host: ReadHost, name: string) {
  const folder = `/sys/class/net/${name}`;
  const mtu = await fileLine(host, `${folder}/mtu`);
  if (mtu === "") return undefined;
  const [mac, state] = await Promise.all([
    fileLine(host, `${folder}/address`),
    fileLine(host, `${folder}/operstate`),
  ]);
  return { name, mac, mtu: Number(mtu), state, speed_mbps: await readSpeed(host, folder) };
}

/** The kernel gives -1, or refuses with EINVAL, where the link has no speed or is down. */
async function readSpeed(host: ReadHost, folder: string): Promise<number> {
  const told = await unlessCode(["EINVAL"], fileLine(host, `${folder}/speed`));
  return Math.max(0, Number(told ?? 0));
}
