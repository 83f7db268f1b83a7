import { describe, expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { networkInterface } from "../../src/core/resources/network_interface.ts";
import { ifupdown } from "../../src/core/tools/ifupdown.ts";
import type { InterfaceWish } from "../../src/core/tools/interface-wish.ts";
import { parseLinks } from "../../src/core/tools/ip-link.ts";
import { netplan } from "../../src/core/tools/netplan.ts";
import { networkManager } from "../../src/core/tools/network-manager.ts";
import { networkd } from "../../src/core/tools/networkd.ts";
import { cases } from "../support/cases.ts";
import { type Act, edits } from "../support/fake-host.ts";

const kernel = "/kernel";
const show = "ip -j -d address show";
const list: Act = (files) => files.get(kernel) ?? "[]";
const link = (name: string, ...addresses: readonly string[]) => ({
  ifname: name,
  flags: ["BROADCAST", "UP"],
  mtu: 1500,
  addr_info: addresses.map((address) => ({
    family: "inet",
    local: address.split("/")[0],
    prefixlen: Number(address.split("/")[1]),
  })),
});
const json = (...all: readonly object[]) => JSON.stringify(all);
const right = json(link("eth0", "10.0.0.5/24"));
const wrong = json(link("eth0", "10.0.0.9/24"));
const becomes = (text: string) => edits(kernel, () => text);

const file = "/etc/systemd/network/10-vigo-eth0.network";
const text =
  "# Kept by Vigo.\n\n[Match]\nName=eth0\n\n[Network]\nDHCP=no\nAddress=10.0.0.5/24\nGateway=10.0.0.1\n";
const wish = { interface: "eth0", addresses: ["10.0.0.5/24"], gateway: ["10.0.0.1"] };
const active = "systemctl is-active NetworkManager systemd-networkd";
const reload = "networkctl reload";
const again = "networkctl reconfigure eth0";
const routeHead = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n";
const routeBy10 = `${routeHead}eth0 00000000 0100000A 0003 0 0 0 00000000 0 0 0\n`;
const way = { "/proc/net/route": routeBy10 };
const claim = "network_interface:eth0";
/** What a run notes before it begins. */
const former = JSON.stringify({
  files: [{ path: file, mode: "0644", text: "old" }],
  addresses: [],
});
/** While an address is given that was there before. */
const late = json(link("eth0"));
let waits = 0;
const dropIns = "/etc/systemd/network/10-vigo-eth0.network.d";
const commands = {
  [active]: { code: 3, stdout: "inactive\nactive\n", stderr: "" },
  [show]: list,
  "sleep 0.5": "",
  [reload]: "",
  [again]: becomes(right),
};

const bareWish = { addresses: [], dhcp: "none", gateways: [] } as const;
const madeAs = (kind: string, data: object) => ({ info_kind: kind, info_data: data });
const vlanOf = (id: number) => ({
  ...link("office"),
  link: "eth0",
  linkinfo: madeAs("vlan", { id }),
});
const member = { ...link("eth1"), master: "bond0" };
const bondOf = (mode: string) => ({ ...link("bond0"), linkinfo: madeAs("bond", { mode }) });
const bridgeOf = (stp: number) => ({
  ...link("br0"),
  linkinfo: madeAs("bridge", { stp_state: stp }),
});
const [netdev = "", office = "", below = ""] = networkd
  .files({ ...bareWish, name: "office", vlan: { parent: "eth0", id: 20 } })
  .map((file) => file.text ?? "");

cases(networkInterface, {
  "sets an interface up": {
    given: {
      files: { [kernel]: wrong, ...way },
      nodes: { "/etc/systemd/network": {} },
      commands,
    },
    wish,
    does: [`write ${file}`, `run ${reload}`, `run ${again}`],
    leaves: { [file]: text },
  },
  "leaves a right one alone, whatever else it has": {
    given: {
      files: { [kernel]: json(link("eth0", "10.0.0.5/24", "10.0.0.99/32")), [file]: text, ...way },
      commands,
    },
    wish,
    does: [],
  },
  "sets it up again when an address is gone": {
    given: { files: { [kernel]: wrong, [file]: text, ...way }, commands },
    wish,
    does: [`run ${reload}`, `run ${again}`],
    says: { addresses: [undefined, "10.0.0.5/24"] },
  },
  "finds a way out that is gone": {
    given: {
      files: { [kernel]: right, [file]: text, "/proc/net/route": routeHead },
      commands: { ...commands, [again]: edits("/proc/net/route", () => routeBy10) },
    },
    wish,
    does: [`run ${reload}`, `run ${again}`],
    says: { gateway: [undefined, "10.0.0.1"] },
  },
  "lets another way out be, and those of other interfaces": {
    given: {
      files: {
        [kernel]: right,
        [file]: text,
        "/proc/net/route": `${routeBy10}eth0 00000000 0900000A 0003 0 0 50 00000000 0 0 0\n`,
        "/proc/net/ipv6_route": "",
      },
      commands,
    },
    wish,
    does: [],
  },
  "brings back what was there when the machine is cut off": {
    given: {
      files: { [kernel]: wrong, [file]: "old", ...way },
      commands: {
        ...commands,
        [again]: (files) => {
          files.set(kernel, files.get(file) === "old" ? late : right);
          return "";
        },
        "sleep 0.5": (files) => {
          if (files.get(kernel) === late) files.set(kernel, wrong);
          else if (files.get(file) === "old" && waits++ > 1)
            throw new Error("waits for what is declared");
          return "";
        },
        "ping server": { code: 1, stdout: "", stderr: "" },
      },
    },
    wish: { ...wish, verify: "ping server" },
    does: [
      `note ${claim}`,
      `write ${file}`,
      `run ${reload}`,
      `run ${again}`,
      "run ping server",
      `write ${file}`,
      `run ${reload}`,
      `run ${again}`,
      `forget ${claim}`,
    ],
    leaves: { [file]: "old", [kernel]: wrong },
    ends: "failed",
    because: "taken back",
  },
  "proves what a killed run has set and not proven": {
    given: {
      files: { [kernel]: right, [file]: text, ...way },
      notes: { [claim]: former },
      commands: { ...commands, "ping server": "" },
    },
    wish: { ...wish, verify: "ping server" },
    does: ["run ping server", `forget ${claim}`],
    says: { verify: ["not proven", "proven"] },
  },
  "or brings back what was there before it": {
    given: {
      files: { [kernel]: right, [file]: text, ...way },
      notes: { [claim]: former },
      commands: { ...commands, "ping server": { code: 1, stdout: "", stderr: "" } },
    },
    wish: { ...wish, verify: "ping server" },
    does: ["run ping server", `write ${file}`, `run ${reload}`, `run ${again}`, `forget ${claim}`],
    leaves: { [file]: "old" },
    ends: "failed",
    because: "taken back",
  },
  "also when something else is declared since": {
    given: {
      files: { [kernel]: right, [file]: text, ...way },
      notes: {
        [claim]: JSON.stringify({
          files: [{ path: `${dropIns}/old.conf`, mode: "0644" }],
          addresses: [],
        }),
      },
      commands: { ...commands, "ping server": { code: 1, stdout: "", stderr: "" } },
    },
    wish: { ...wish, addresses: ["10.0.0.5/24"], mtu: 1500, verify: "ping server" },
    does: [
      `note ${claim}`,
      `write ${file}`,
      `run ${reload}`,
      `run ${again}`,
      "run ping server",
      `write ${file}`,
      `run ${reload}`,
      `run ${again}`,
      `forget ${claim}`,
    ],
    leaves: { [file]: text },
    ends: "failed",
    because: "taken back",
  },
  "takes a VLAN away": {
    given: {
      files: {
        [kernel]: json({ ...link("office"), linkinfo: { info_kind: "vlan" } }),
        "/etc/systemd/network/10-vigo-office.network": "x",
      },
      commands: { ...commands, "ip link delete office": becomes("[]") },
    },
    wish: { interface: "office", state: "absent" },
    does: [
      "remove /etc/systemd/network/10-vigo-office.network",
      `run ${reload}`,
      "run ip link delete office",
    ],
    says: {
      "file 10-vigo-office.network": ["1 bytes, sha256 2d711642b726", undefined],
      link: ["vlan", undefined],
    },
  },
  "makes a VLAN anew when it is another one": {
    given: {
      files: {
        [kernel]: json(vlanOf(30)),
        "/etc/systemd/network/10-vigo-office.netdev": netdev,
        "/etc/systemd/network/10-vigo-office.network": office,
        [`${dropIns}/office.conf`]: below,
      },
      commands: {
        ...commands,
        "ip link delete office": becomes("[]"),
        [reload]: becomes(json(vlanOf(20))),
      },
    },
    wish: { interface: "office", vlan: { parent: "eth0", id: 20 } },
    // Of files that are as they were, networkd would make what they said before.
    does: [
      "write /etc/systemd/network/10-vigo-office.netdev",
      "write /etc/systemd/network/10-vigo-office.network",
      `write ${dropIns}/office.conf`,
      "run ip link delete office",
      `run ${reload}`,
    ],
    says: { link: ["vlan 30 on eth0", "vlan 20 on eth0"] },
  },
  "makes a bond anew when its members share in another way": {
    given: {
      files: { [kernel]: json(bondOf("balance-rr"), member) },
      nodes: { "/etc/systemd/network": {} },
      commands: {
        ...commands,
        "ip link delete bond0": becomes(json(member)),
        [reload]: becomes(json(bondOf("active-backup"), member)),
        "networkctl reconfigure eth1": "",
      },
    },
    wish: { interface: "bond0", bond: { members: ["eth1"] } },
    does: [
      ...["bond0.netdev", "bond0.network", "eth1.network"].map(
        (name) => `write /etc/systemd/network/10-vigo-${name}`,
      ),
      "run ip link delete bond0",
      `run ${reload}`,
      "run networkctl reconfigure eth1",
    ],
  },
  "has a bridge look for other ways without taking it away": {
    given: {
      files: { [kernel]: json(bridgeOf(0)) },
      nodes: { "/etc/systemd/network": {} },
      commands: {
        ...commands,
        "ip link set dev br0 type bridge stp_state 1": becomes(json(bridgeOf(1))),
        "networkctl reconfigure br0": "",
      },
    },
    wish: { interface: "br0", bridge: { stp: true } },
    does: [
      "write /etc/systemd/network/10-vigo-br0.netdev",
      "write /etc/systemd/network/10-vigo-br0.network",
      "run ip link set dev br0 type bridge stp_state 1",
      `run ${reload}`,
      "run networkctl reconfigure br0",
    ],
  },
  "takes the folder away that it made beside its parent": {
    given: {
      files: { [kernel]: "[]", [`${dropIns}/office.conf`]: "x" },
      nodes: { [dropIns]: {} },
      commands,
    },
    wish: { interface: "office", vlan: { parent: "eth0", id: 20 }, state: "absent" },
    does: [`remove ${dropIns}/office.conf`, `remove ${dropIns}`, `run ${reload}`],
  },
  "takes an empty one away that a killed run has left": {
    given: { files: { [kernel]: "[]" }, nodes: { [dropIns]: {} }, commands },
    wish: { interface: "office", vlan: { parent: "eth0", id: 20 }, state: "absent" },
    does: [`remove ${dropIns}`, `run ${reload}`],
    says: { "file office.conf (its folder)": ["empty", undefined] },
  },
  "leaves that folder to the VLANs that are in it": {
    given: {
      files: { [kernel]: "[]", [`${dropIns}/office.conf`]: "x", [`${dropIns}/guests.conf`]: "y" },
      commands,
    },
    wish: { interface: "office", vlan: { parent: "eth0", id: 20 }, state: "absent" },
    does: [`remove ${dropIns}/office.conf`, `run ${reload}`],
  },
  "does not take what a killed run has left for another description": {
    given: {
      files: {
        [kernel]: json(link("eth0", "10.0.0.5/24")),
        "/etc/network/interfaces": "source /etc/network/interfaces.d/*\n",
        "/etc/network/interfaces.d/.vigo-new.vigo-eth0": "iface eth0 inet dhcp\n",
      },
      commands: { [show]: list },
    },
    wish: { interface: "eth0", backend: "ifupdown", state: "absent" },
    does: [],
  },
  "does not mind when a VLAN goes by itself": {
    given: {
      files: {
        [kernel]: json({ ...link("office"), linkinfo: { info_kind: "vlan" } }),
        "/etc/systemd/network/10-vigo-office.network": "x",
      },
      commands: {
        ...commands,
        "ip link delete office": (files) => {
          files.set(kernel, "[]");
          return { code: 1, stdout: "", stderr: 'Cannot find device "office"' };
        },
      },
    },
    wish: { interface: "office", state: "absent" },
    does: [
      "remove /etc/systemd/network/10-vigo-office.network",
      `run ${reload}`,
      "run ip link delete office",
    ],
  },
  "does not describe an interface twice": {
    given: {
      files: {
        "/etc/network/interfaces": "source /etc/network/interfaces.d/*\niface eth0 inet dhcp\n",
      },
      commands: { ...commands, [active]: { code: 3, stdout: "inactive\ninactive\n", stderr: "" } },
    },
    wish,
    does: [],
    ends: "failed",
    because: "/etc/network/interfaces configures eth0 as well",
  },
  "does not write what is not read": {
    given: { files: { "/etc/network/interfaces": "auto lo\n" } },
    wish: { ...wish, backend: "ifupdown" },
    does: [],
    ends: "failed",
    because: "/etc/network/interfaces does not read /etc/network/interfaces.d",
  },
  "says so where nothing configures the network": {
    given: { commands: { ...commands, [active]: { code: 3, stdout: "unknown\n", stderr: "" } } },
    wish,
    does: [],
    ends: "failed",
    because: "not for debian as it is",
  },
});

const plain: InterfaceWish = {
  name: "eth0",
  addresses: ["10.0.0.5/24", "10.0.1.5/24", "fd00::5/64"],
  dhcp: "none",
  gateways: ["10.0.0.1", "fe80::1"],
  mtu: 1400,
};
const bare = { addresses: [], dhcp: "ipv4", gateways: [] } as const;
const vlan: InterfaceWish = { ...bare, name: "office", vlan: { parent: "eth0", id: 20 } };
const bond: InterfaceWish = {
  ...bare,
  name: "bond0",
  bond: { members: ["eth1"], mode: "802.3ad" },
};
const bridge: InterfaceWish = { ...bare, name: "br0", bridge: { members: [], stp: true } };

/** Read beside systemd.network(5), systemd.netdev(5), nm-settings-keyfile(5), netplan(5) and interfaces(5). */
describe.each([
  ["networkd", networkd],
  ["NetworkManager", networkManager],
  ["netplan", netplan],
  ["ifupdown", ifupdown],
])("files of %s", (_, configurer) => {
  test.each([
    ["an interface", plain],
    ["a VLAN", vlan],
    ["a bond", bond],
    ["a bridge", bridge],
  ])("for %s", (_title, it) => {
    expect(configurer.files(it)).toMatchSnapshot();
  });
});

test("what the kernel says", () => {
  const all = parseLinks(
    json(
      {
        ...link("office", "fd00:0::5/64"),
        link: "eth0",
        linkinfo: { info_kind: "vlan", info_data: { id: 20 } },
      },
      { ...link("eth1"), flags: ["BROADCAST"], master: "bond0" },
    ),
  );
  expect([...all.values()]).toEqual([
    {
      name: "office",
      mtu: 1500,
      isUp: true,
      kind: "vlan",
      master: undefined,
      parent: "eth0",
      vlanId: 20,
      mode: undefined,
      stp: undefined,
      addresses: ["fd00::5/64"],
    },
    {
      name: "eth1",
      mtu: 1500,
      isUp: false,
      kind: undefined,
      master: "bond0",
      parent: undefined,
      vlanId: undefined,
      mode: undefined,
      stp: undefined,
      addresses: [],
    },
  ]);
});

test.each([
  [{ ...wish, addresses: ["10.0.0.5"] }, "addresses: must be addresses with a length"],
  [{ ...wish, gateway: ["router"] }, "gateway: must be addresses"],
  [{ ...wish, vlan: { parent: "eth0", id: 1 }, bridge: {} }, "vlan: choose one of"],
  [{ interface: "much-too-long-for-it" }, "interface: must be the name of an interface"],
])("%j is refused", (params, because) => {
  const { error } = networkInterface.params.safeParse(params);
  expect(error && explain(error).join()).toContain(because);
});
