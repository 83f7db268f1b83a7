/** What the kernel has of an interface, beside what it is to be. Must not know who configures it. */
import type { Difference } from "./attributes.ts";
import { type InterfaceWish, kindOf, membersOf } from "./interface-wish.ts";
import type { Link } from "./ip-link.ts";

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
