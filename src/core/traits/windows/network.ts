/** What Windows says of its `network`. It asks no name server. Must not know who listens. */
import type { ReadHost } from "../../host.ts";
import { countOf, numberOf, textOf, textsOf } from "../../tools/answer.ts";
import type { Asking } from "../../tools/once.ts";
import { firstOf, isReachable, withPrefix } from "../../tools/own-addresses.ts";
import { factsOf } from "../../tools/windows-facts.ts";

const mostLinks = 256;

export async function network(host: ReadHost, asking: Asking) {
  const [told, addresses] = await Promise.all([factsOf(host, asking, "machine"), host.addresses()]);
  const [names] = told("names");
  const hostname = textOf(names, "host");
  const domain = textOf(names, "domain");
  const links = told("adapters").slice(0, mostLinks).map(linkOf);
  const [v4, v6] = ["0.0.0.0/0", "::/0"].map((target) => routeTo(told("routes"), target));
  return {
    hostname: hostname.split(".")[0] ?? "",
    fqdn: domain === "" ? hostname : `${hostname}.${domain}`,
    ip_addresses: addresses.filter(isReachable).map(({ address }) => address),
    mac_addresses: [...new Set(links.map(({ mac }) => mac).filter((mac) => /[1-9a-f]/.test(mac)))],
    default_gateway: v4?.gateway || v6?.gateway || "",
    default_ipv4: firstOf(addresses, "ipv4", v4?.interface),
    default_ipv6: firstOf(addresses, "ipv6", v6?.interface),
    dns_servers: serversOf(told("resolvers"), v4?.interface ?? v6?.interface),
    interfaces: Object.fromEntries(
      links.map(({ name, mtu, state, speed_mbps }) => [
        name,
        { mtu, state, speed_mbps, addresses: withPrefix(addresses, name) },
      ]),
    ),
  };
}

const states: Readonly<Record<string, string>> = { disconnected: "down", disabled: "down" };

/** `52-54-00-12-34-56`; bits a second, of which a link that is down claims some too. */
function linkOf(adapter: unknown) {
  const said = textOf(adapter, "State").toLowerCase();
  const state = states[said] ?? said;
  return {
    name: textOf(adapter, "Name"),
    mac: textOf(adapter, "MacAddress").toLowerCase().replaceAll("-", ":"),
    mtu: countOf(adapter, "MtuSize"),
    state,
    speed_mbps: state === "up" ? Math.floor(countOf(adapter, "ReceiveLinkSpeed") / 1_000_000) : 0,
  };
}

/** The least metric wins; a gateway of zeros is the link itself. */
function routeTo(routes: readonly unknown[], target: string) {
  const [best] = routes
    .filter((route) => textOf(route, "DestinationPrefix") === target)
    .toSorted((a, b) => numberOf(a, "Metric") - numberOf(b, "Metric"));
  if (best === undefined) return undefined;
  const gateway = textOf(best, "NextHop").replace(/%.*/, "");
  return {
    gateway: gateway === "0.0.0.0" || gateway === "::" ? "" : gateway,
    interface: textOf(best, "InterfaceAlias"),
  };
}

/** Of the interface of the default route first; each once. */
function serversOf(resolvers: readonly unknown[], first: string | undefined): string[] {
  const isFirst = (resolver: unknown) => textOf(resolver, "InterfaceAlias") === first;
  const inOrder = [...resolvers.filter(isFirst), ...resolvers.filter((one) => !isFirst(one))];
  const servers = inOrder.flatMap((resolver) => textsOf(resolver, "Servers"));
  // Windows has these three wherever no server is known.
  return [...new Set(servers)].filter((address) => !/^fec0:0:0:ffff::[123]$/.test(address));
}
