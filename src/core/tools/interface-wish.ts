/** How a network interface is to be, whatever program configures it. Must not know any of them. */
import type { Command } from "../host.ts";
import type { OwnFile } from "./own-file.ts";

export interface InterfaceWish {
  readonly name: string;
  /** With the length of the network: `10.0.0.5/24`. */
  readonly addresses: readonly string[];
  readonly dhcp: "none" | "ipv4" | "ipv6" | "both";
  readonly gateways: readonly string[];
  readonly mtu?: number;
  readonly vlan?: { readonly parent: string; readonly id: number };
  readonly bond?: { readonly members: readonly string[]; readonly mode: string };
  readonly bridge?: { readonly members: readonly string[]; readonly stp: boolean };
}

/** A program that configures interfaces. */
export interface Configurer {
  /** What it reads about this interface. */
  files(wish: InterfaceWish): readonly OwnFile[];
  /** Has the interface as its files say, or forgets about it. `there` are interfaces that the kernel has by now. */
  commands(
    wish: InterfaceWish,
    isPresent: boolean,
    there: (name: string) => boolean,
  ): readonly Command[];
  /** To be done while the files of an interface that goes are still there. */
  readonly downFirst?: true;
}

export const kindOf = ({ vlan, bond, bridge }: InterfaceWish) =>
  vlan ? "vlan" : bond ? "bond" : bridge ? "bridge" : undefined;

export const membersOf = ({ bond, bridge }: InterfaceWish): readonly string[] =>
  bond?.members ?? bridge?.members ?? [];

export const familyOf = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);

export const addressesOf = (wish: InterfaceWish, family: 4 | 6): readonly string[] =>
  wish.addresses.filter((address) => familyOf(address) === family);

export const usesDhcp = ({ dhcp }: InterfaceWish, family: 4 | 6): boolean =>
  dhcp === "both" || dhcp === (family === 4 ? "ipv4" : "ipv6");

export const gatewayOf = (wish: InterfaceWish, family: 4 | 6): string | undefined =>
  wish.gateways.find((address) => familyOf(address) === family);

/** Lines of a section that has any. */
export function section(
  name: string,
  entries: readonly (readonly [key: string, value: string | number | undefined])[],
): string {
  const lines = entries.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}\n`],
  );
  return lines.length === 0 ? "" : `[${name}]\n${lines.join("")}\n`;
}
