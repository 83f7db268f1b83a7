/** Interfaces of systemd-networkd: systemd.network(5), systemd.netdev(5), networkctl(1). Must not know when they are wanted. */
import {
  type Configurer,
  type InterfaceWish,
  kindOf,
  membersOf,
  section,
} from "./interface-wish.ts";

const folder = "/etc/systemd/network";
const kept = "# Kept by Vigo.\n\n";
const file = (name: string, text: string) => ({
  path: `${folder}/10-vigo-${name}`,
  text: `${kept}${text.trimEnd()}\n`,
  mode: "0644",
});

const dhcp = { none: "no", ipv4: "ipv4", ipv6: "ipv6", both: "yes" } as const;

const network = (wish: InterfaceWish) =>
  file(
    `${wish.name}.network`,
    [
      section("Match", [["Name", wish.name]]),
      section("Link", [["MTUBytes", wish.mtu]]),
      section("Network", [
        ["DHCP", dhcp[wish.dhcp]],
        ...wish.addresses.map((address) => ["Address", address] as const),
        ...wish.gateways.map((address) => ["Gateway", address] as const),
        // A bridge whose ports are all down is configured as well.
        ["ConfigureWithoutCarrier", kindOf(wish) === undefined ? undefined : "yes"],
      ]),
    ].join(""),
  );

function device(wish: InterfaceWish) {
  const kind = kindOf(wish);
  if (kind === undefined) return [];
  const text = [
    section("NetDev", [
      ["Name", wish.name],
      ["Kind", kind],
    ]),
    section("VLAN", [["Id", wish.vlan?.id]]),
    section("Bond", [["Mode", wish.bond?.mode]]),
    section("Bridge", [["STP", wish.bridge && (wish.bridge.stp ? "yes" : "no")]]),
  ];
  return [file(`${wish.name}.netdev`, text.join(""))];
}

const ports = (wish: InterfaceWish) =>
  membersOf(wish).map((member) =>
    file(
      `${member}.network`,
      [
        section("Match", [["Name", member]]),
        section("Network", [[wish.bond ? "Bond" : "Bridge", wish.name]]),
      ].join(""),
    ),
  );

/** The interface below names the VLAN; its own file is that of its resource. */
const below = ({ name, vlan }: InterfaceWish) =>
  vlan === undefined
    ? []
    : [
        {
          ...file(`${vlan.parent}.network.d/${name}.conf`, section("Network", [["VLAN", name]])),
          ownsFolder: true as const,
        },
      ];

export const networkd: Configurer = {
  files: (wish) => [...device(wish), network(wish), ...ports(wish), ...below(wish)],

  // What has not changed on disk is only set up anew on request.
  commands: (wish, isPresent, there) => [
    { argv: ["networkctl", "reload"] },
    ...[wish.name, ...membersOf(wish)]
      .filter((name) => isPresent && there(name))
      .map((name) => ({ argv: ["networkctl", "reconfigure", name] })),
  ],
};
