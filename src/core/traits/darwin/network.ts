/** What macOS says of its `network`, from ifconfig(8), netstat(1) and scutil(8). It asks no name server. Must not know who listens. */
import type { ReadHost } from "../../host.ts";
import { fileText } from "../../tools/file-text.ts";
import { kernelOf } from "../../tools/mac-kernel.ts";
import { type Asking, printed } from "../../tools/once.ts";
import { firstOf, fullName, isReachable, withPrefix } from "../../tools/own-addresses.ts";

export async function network(host: ReadHost, asking: Asking) {
  const [kernel, hosts = "", listed, routes, dns, addresses] = await Promise.all([
    kernelOf(host, asking),
    fileText(host, "/etc/hosts"),
    printed(host, asking, ["ifconfig", "-a"]),
    printed(host, asking, ["netstat", "-rn"]),
    printed(host, asking, ["scutil", "--dns"]),
    host.addresses(),
  ]);
  const name = kernel("kern.hostname");
  const links = parseIfconfig(listed);
  const [v4, v6] = [defaultRoute(routes, "Internet"), defaultRoute(routes, "Internet6")];
  const resolver = firstResolver(dns);
  return {
    hostname: name.split(".")[0] ?? "",
    fqdn: fullName(name, hosts, `search ${resolver.domain}\n`),
    ip_addresses: addresses.filter(isReachable).map(({ address }) => address),
    mac_addresses: [...new Set(links.map(({ mac }) => mac).filter((mac) => /[1-9a-f]/.test(mac)))],
    default_gateway: v4?.gateway || v6?.gateway || "",
    default_ipv4: firstOf(addresses, "ipv4", v4?.interface),
    default_ipv6: firstOf(addresses, "ipv6", v6?.interface),
    dns_servers: [...resolver.servers],
    interfaces: Object.fromEntries(
      links.map(({ name: link, mtu, state, speed_mbps }) => [
        link,
        { mtu, state, speed_mbps, addresses: withPrefix(addresses, link) },
      ]),
    ),
  };
}

const mostLinks = 256;

/** A line that begins at the margin begins an interface; what follows with a tab is its own. */
export const parseIfconfig = (text: string) =>
  text
    .split(/^(?=\S)/m)
    .flatMap((part) => {
      const [, name, flags = "", mtu] =
        /^([^:\s]+): flags=\w+<([^>]*)>.*?\bmtu (\d+)/.exec(part) ?? [];
      if (name === undefined) return [];
      const [, mac = ""] = /^\tether ([0-9a-f:]+)/m.exec(part) ?? [];
      return [
        { name, mac, mtu: Number(mtu), state: stateOf(part, flags), speed_mbps: speedOf(part) },
      ];
    })
    .slice(0, mostLinks);

/** An interface without a carrier to look for, as lo0, has no status. */
function stateOf(part: string, flags: string): string {
  const [, status] = /^\tstatus: (\w+)/m.exec(part) ?? [];
  if (status !== undefined) return status === "active" ? "up" : "down";
  return flags.split(",").includes("UP") ? "unknown" : "down";
}

/** `autoselect (1000baseT <full-duplex>)`, `(10Gbase-T <…>)`; wireless says nothing. */
function speedOf(part: string): number {
  const [, figure, giga] = /^\tmedia: .*?\((\d+)(G?)[bB]ase/m.exec(part) ?? [];
  return Number(figure ?? 0) * (giga === "G" ? 1_000 : 1);
}

/**
 * Of the table under this heading. Before macOS 10.15 there were two more columns, so the heading says which is whose. I is a route for
 * sockets that are bound to the interface, which is not the machine's own.
 */
export function defaultRoute(
  text: string,
  family: "Internet" | "Internet6",
): { readonly gateway: string; readonly interface: string } | undefined {
  const [, table = ""] = text.split(new RegExp(`^${family}:\\n`, "m"));
  const [heading = "", ...rows] = (table.split(/^\s*$/m)[0] ?? "").trim().split("\n");
  const at = heading.trim().split(/\s+/).indexOf("Netif");
  for (const row of rows) {
    const words = row.trim().split(/\s+/);
    const [target, gateway = "", flags = ""] = words;
    if (target !== "default" || !flags.includes("G") || flags.includes("I")) continue;
    return { gateway: gateway.replace(/%.*/, ""), interface: words[at] ?? "" };
  }
  return undefined;
}

/** The first is asked for what no other is for. */
export function firstResolver(text: string) {
  const [, first = ""] = text.split(/^resolver #\d+\n/m);
  const [, domain = ""] = /^ *search domain\[0\] *: (\S+)/m.exec(first) ?? [];
  const servers = [...first.matchAll(/^ *nameserver\[\d+\] *: (\S+)/gm)];
  return { domain, servers: servers.map(([, address = ""]) => address) };
}
