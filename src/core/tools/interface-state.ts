/** What the kernel has of an interface, beside what it is to be. Must not know who configures it. */
import type { Host, ReadHost } from "../host.ts";
import { parseNetwork } from "../text/ip-network.ts";
import type { Difference } from "./attributes.ts";
import { fileText } from "./file-text.ts";
import { type InterfaceWish, kindOf, membersOf } from "./interface-wish.ts";
import { type Link, links, setStp } from "./ip-link.ts";
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
const stpWord = (on: boolean | undefined) => `bridge, stp ${on === true ? "on" : "off"}`;

/** What the kernel does not tell of a bond or a bridge is taken for right. */
function madeOf({ kind = "hardware", ...link }: Link, { bond, bridge }: InterfaceWish): string {
  if (kind === "vlan") return onParent(link.vlanId, link.parent);
  if (kind === "bond") return `bond, ${link.mode ?? bond?.mode}`;
  return kind === "bridge" ? stpWord(link.stp ?? bridge?.stp) : kind;
}

function toldLink(link: Link, wish: InterfaceWish): string {
  const what = kindOf(wish) === undefined ? "there" : madeOf(link, wish);
  return link.isUp ? what : `${what}, down`;
}

function wishedLink({ vlan, bond, bridge }: InterfaceWish): string {
  if (vlan !== undefined) return onParent(vlan.id, vlan.parent);
  if (bond !== undefined) return `bond, ${bond.mode}`;
  return bridge === undefined ? "there" : stpWord(bridge.stp);
}

/**
 * Missing, or made of other things or in another way than it is to be; going back, whatever is made. The kernel changes neither the
 * number of a VLAN nor what it is on, nor the mode of a bond that has members. A bridge stays: ports of others would not find their
 * way into another one.
 */
export function isMadeAnew(wish: InterfaceWish, link: Link | undefined, isBack: boolean): boolean {
  if (kindOf(wish) === undefined) return false;
  if (link === undefined) return true;
  if (!isMade(link) || (link.kind === "bridge" && wish.bridge !== undefined)) return false;
  return isBack || madeOf(link, wish) !== wishedLink(wish);
}

/** Of a bridge that is there: nobody else would. */
export async function switchStp(
  host: Host,
  { name, bridge }: InterfaceWish,
  link: Link | undefined,
): Promise<void> {
  if (bridge !== undefined && link?.kind === "bridge" && link.stp === !bridge.stp)
    await setStp(host, name, bridge.stp);
}

/** But for those that every link has of itself. */
export const addressesOf = async (host: ReadHost, name: string): Promise<readonly string[]> =>
  ((await links(host)).get(name)?.addresses ?? []).filter((one) => !one.startsWith("fe80:"));

/** Up to 30 s; what is missing then is told by the check that follows. Once is not enough: some set it up twice. */
export async function soon(host: Host, isRight: () => Promise<boolean>): Promise<void> {
  let right = 0;
  for (let looks = 0; looks < 60 && right < 2; looks += 1) {
    if (looks > 0) await host.query({ argv: ["sleep", "0.5"] });
    right = (await isRight()) ? right + 1 : 0;
  }
}
