/** What the kernel has of an interface, beside what it is to be. Must not know who configures it. */
import type { ReadHost } from "../host.ts";
import { parseNetwork } from "../text/ip-network.ts";
import type { Difference } from "./attributes.ts";
import { fileText } from "./file-text.ts";
import { type InterfaceWish, kindOf, membersOf } from "./interface-wish.ts";
import type { Link } from "./ip-link.ts";
import { defaultRoutesV4, defaultRoutesV6 } from "./routes.ts";

/** Made of others, so that it can be taken away. */
export const isMade = (link: Link | undefined): boolean =>
  ["vlan", "bond", "bridge"].includes(link?.kind ?? "");

/** Addresses that nobody declared may be somebody's. */
export function linkDifferences(
  wish: InterfaceWish,
  isPresent: boolean,
  all: ReadonlyMap<string, Link>,
): readonly Difference[] {
  const link = all.get(wish.name);
  if (!isPresent) return told("link", isMade(link) ? link?.kind : undefined, undefined);
  const missing = wish.addresses.filter((address) => link?.addresses.includes(address) !== true);
  const members = membersOf(wish).filter((name) => all.get(name)?.master !== wish.name);
  const { mtu } = wish;
  return [
    ...told("link", link && toldLink(link, wish), wishedLink(wish)),
    ...told("addresses", undefined, missing.join(", ") || undefined),
    ...told("members", undefined, members.join(", ") || undefined),
    ...(mtu === undefined ? [] : told("mtu", link && `${link.mtu}`, `${mtu}`)),
  ];
}

/** Each way out that is declared is one of the kernel's; others may be somebody's. */
export async function gatewayDifferences(
  host: ReadHost,
  { name, gateways }: InterfaceWish,
): Promise<readonly Difference[]> {
  if (gateways.length === 0) return [];
  const [v4, v6] = await Promise.all([
    fileText(host, "/proc/net/route"),
    fileText(host, "/proc/net/ipv6_route"),
  ]);
  const is = [...defaultRoutesV4(v4 ?? ""), ...defaultRoutesV6(v6 ?? "")]
    .filter((route) => route.interface === name)
    .map(({ gateway }) => parseNetwork(gateway)?.text ?? gateway);
  const isRight = gateways.every((gateway) => is.includes(gateway));
  return isRight ? [] : told("gateway", is.join(", ") || undefined, gateways.join(", "));
}

const told = (field: string, from: string | undefined, to: string | undefined) =>
  from === to ? [] : [{ field, from, to }];

const onParent = (id: number | undefined, parent: string | undefined) => `vlan ${id} on ${parent}`;

function toldLink(link: Link, wish: InterfaceWish): string {
  const { kind = "hardware", vlanId, parent } = link;
  const made = kind === "vlan" ? onParent(vlanId, parent) : kind;
  const what = kindOf(wish) === undefined ? "there" : made;
  return link.isUp ? what : `${what}, down`;
}

const wishedLink = (wish: InterfaceWish): string =>
  wish.vlan ? onParent(wish.vlan.id, wish.vlan.parent) : (kindOf(wish) ?? "there");
