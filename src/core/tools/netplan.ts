/** Interfaces of netplan(5), which hands them on to networkd or NetworkManager. Must not know when they are wanted. */
import {
  type Configurer,
  type InterfaceWish,
  kindOf,
  membersOf,
  usesDhcp,
} from "./interface-wish.ts";

/** JSON is YAML too, and needs no quoting rules of its own. */
function yaml(wish: InterfaceWish): string {
  const kind = kindOf(wish);
  const settings = {
    ...(wish.addresses.length > 0 && { addresses: wish.addresses }),
    dhcp4: usesDhcp(wish, 4),
    dhcp6: usesDhcp(wish, 6),
    ...(wish.gateways.length > 0 && {
      routes: wish.gateways.map((via) => ({ to: "default", via })),
    }),
    ...(wish.mtu !== undefined && { mtu: wish.mtu }),
    ...(wish.vlan && { id: wish.vlan.id, link: wish.vlan.parent }),
    ...(kind !== undefined && kind !== "vlan" && { interfaces: membersOf(wish) }),
    ...(wish.bond && { parameters: { mode: wish.bond.mode } }),
    ...(wish.bridge && { parameters: { stp: wish.bridge.stp } }),
  };
  const members = Object.fromEntries(membersOf(wish).map((name) => [name, {}]));
  const own = { [wish.name]: settings };
  const network = {
    version: 2,
    ...(membersOf(wish).length > 0 && { ethernets: members }),
    ...(kind === undefined ? { ethernets: own } : { [`${kind}s`]: own }),
  };
  return `# Kept by Vigo.\n${JSON.stringify({ network }, undefined, 2)}\n`;
}

export const netplan: Configurer = {
  files: (wish) => [
    { path: `/etc/netplan/60-vigo-${wish.name}.yaml`, text: yaml(wish), mode: "0600" },
  ],

  commands: () => [{ argv: ["netplan", "apply"], outlives: true }],
};
