/**
 * Interfaces of NetworkManager as key files: nm-settings-keyfile(5), nmcli(1). Must not know when they are wanted. NetworkManager
 * reads none that others could have written or can read.
 */
import { createHash } from "node:crypto";
import {
  addressesOf,
  type Configurer,
  gatewayOf,
  type InterfaceWish,
  kindOf,
  membersOf,
  section,
  usesDhcp,
} from "./interface-wish.ts";

const folder = "/etc/NetworkManager/system-connections";
const file = (id: string, text: string) => ({
  path: `${folder}/${id}.nmconnection`,
  text: `# Kept by Vigo.\n${text.trimEnd()}\n`,
  mode: "0600",
});

const idOf = (name: string) => `vigo-${name}`;
const portOf = (name: string, member: string) => `vigo-${name}-${member}`;

/** The same name has the same on every machine, for ever. */
function uuidOf(id: string): string {
  const hex = createHash("sha256").update(`vigo/network/${id}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const connection = (
  id: string,
  type: string,
  device: string,
  more: Parameters<typeof section>[1],
) =>
  section("connection", [
    ["id", id],
    ["uuid", uuidOf(id)],
    ["type", type],
    ["interface-name", device],
    ["autoconnect-priority", 100],
    ...more,
  ]);

function addressing(wish: InterfaceWish, family: 4 | 6): string {
  const addresses = addressesOf(wish, family);
  const none = family === 4 ? "disabled" : "link-local";
  return section(`ipv${family}`, [
    ["method", usesDhcp(wish, family) ? "auto" : addresses.length > 0 ? "manual" : none],
    ...addresses.map((address, at) => [`address${at + 1}`, address] as const),
    ["gateway", addresses.length > 0 ? gatewayOf(wish, family) : undefined],
  ]);
}

function main(wish: InterfaceWish) {
  const kind = kindOf(wish);
  const text = [
    connection(idOf(wish.name), kind ?? "ethernet", wish.name, []),
    section("ethernet", [["mtu", wish.mtu]]),
    section("vlan", [
      ["id", wish.vlan?.id],
      ["parent", wish.vlan?.parent],
    ]),
    section("bond", [["mode", wish.bond?.mode]]),
    section("bridge", [["stp", wish.bridge?.stp === undefined ? undefined : `${wish.bridge.stp}`]]),
    addressing(wish, 4),
    addressing(wish, 6),
  ];
  return file(idOf(wish.name), text.join(""));
}

const ports = (wish: InterfaceWish) =>
  membersOf(wish).map((member) => {
    const id = portOf(wish.name, member);
    const more = [
      ["master", wish.name],
      ["slave-type", wish.bond ? "bond" : "bridge"],
    ] as const;
    return file(id, connection(id, "ethernet", member, more));
  });

export const networkManager: Configurer = {
  files: (wish) => [main(wish), ...ports(wish)],

  commands: (wish, isPresent) => [
    { argv: ["nmcli", "connection", "reload"] },
    ...(isPresent
      ? [
          { argv: ["nmcli", "connection", "up", "id", idOf(wish.name)] },
          ...membersOf(wish).map((member) => ({
            argv: ["nmcli", "connection", "up", "id", portOf(wish.name, member)],
          })),
        ]
      : []),
  ],
};
