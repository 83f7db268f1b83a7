/**
 * The `network_interface` type: one interface and its addresses, through whatever configures the network of the machine. Must not touch
 * what others have configured. Files are written first and proven by what the kernel then has; with `verify`, what cuts the machine
 * off is taken back.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, list, parameters, shell, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { parseInterfaceAddress, parseNetwork } from "../text/ip-network.ts";
import { mustSucceed } from "../tools/exit.ts";
import { fileText } from "../tools/file-text.ts";
import { ifupdown, mustBeOurs } from "../tools/ifupdown.ts";
import {
  addressesOf,
  gatewayDifferences,
  isMade,
  isMadeAnew,
  linkDifferences,
  soon,
  switchStp,
} from "../tools/interface-state.ts";
import { type Configurer, type InterfaceWish, membersOf } from "../tools/interface-wish.ts";
import { links, removeLink } from "../tools/ip-link.ts";
import { netplan } from "../tools/netplan.ts";
import { networkManager } from "../tools/network-manager.ts";
import { networkd } from "../tools/networkd.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";
import { unproven, verified, verifyMeans } from "../tools/verified.ts";

const device = (description: string) =>
  text(description, {
    pattern: /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,15}$/,
    wanted: "the name of an interface, at most 15 letters",
  });

/** Interfaces that are made of others. */
const made = () => ({
  vlan: parameters({
    parent: device("The interface it is on."),
    id: whole("Number of the VLAN.", { min: 1, max: 4094 }),
  })
    .describe("Makes a VLAN; with networkd its parent has to be a network_interface too.")
    .exactOptional(),
  bond: parameters({
    members: list("Interfaces it is made of.", device("An interface.")),
    mode: choice("How they work together.", [
      "active-backup",
      "balance-rr",
      "balance-xor",
      "broadcast",
      "802.3ad",
      "balance-tlb",
      "balance-alb",
    ]).default("active-backup"),
  })
    .describe("Makes a bond of interfaces, which it then has for itself.")
    .exactOptional(),
  bridge: parameters({
    members: list("Interfaces in it.", device("An interface.")).default([]),
    stp: flag("Spanning tree protocol.").default(false),
  })
    .describe("Makes a bridge of interfaces, which it then has for itself.")
    .exactOptional(),
});

const params = () =>
  parameters({
    interface: device("Name of the interface."),
    addresses: list(
      "Addresses with the length of their network, as `10.0.0.5/24`; others it has are left alone.",
      text("An address."),
    ).default([]),
    dhcp: choice("What it gets by DHCP, or for IPv6 by router advertisements.", [
      "none",
      "ipv4",
      "ipv6",
      "both",
    ]).default("none"),
    gateway: list("The way out: an address, or one of each family.", text("An address.")).default(
      [],
    ),
    mtu: whole("Longest packet in bytes; left alone when not said.", {
      min: 68,
      max: 65_535,
    }).exactOptional(),
    ...made(),
    backend: choice("What configures it; `auto` takes what is in use on the machine.", [
      "auto",
      "networkd",
      "networkmanager",
      "netplan",
      "ifupdown",
    ]).default("auto"),
    verify: shell(verifyMeans).exactOptional(),
    state: choice(
      "Absent takes away the configuration and the VLAN, bond or bridge, with those of its members when it is written as before; addresses of hardware stay until it is set up anew.",
      ["present", "absent"],
    ).default("present"),
  })
    .refine((p) => p.addresses.every((at) => parseInterfaceAddress(at) !== undefined), {
      path: ["addresses"],
      message: "must be addresses with a length, like 10.0.0.5/24",
    })
    .refine((p) => p.gateway.every((at) => parseNetwork(at) !== undefined), {
      path: ["gateway"],
      message: "must be addresses, like 10.0.0.1",
    })
    .refine((p) => [p.vlan, p.bond, p.bridge].filter((it) => it !== undefined).length <= 1, {
      path: ["vlan"],
      message: "choose one of vlan, bond and bridge",
    });

type Params = z.output<ReturnType<typeof params>>;

export const networkInterface = defineResource<Params>({
  name: "network_interface",
  summary: "Keeps a network interface, its addresses and what it is made of.",
  platforms: ["linux"],
  params,
  main: "interface",
  lane: "network",
  claims: (p) =>
    [p.interface, ...membersOf(wishOf(p))].map((name) => ({ id: `network_interface:${name}` })),
  after: (p) => [
    ...(p.vlan === undefined ? [] : [`network_interface:${p.vlan.parent}`]),
    ...["networkd", "network-manager", "netplan.io", "ifupdown"].map((name) => `package:${name}`),
  ],

  async check(p, host) {
    const { files } = await configurer(p, host);
    const config: Change[] = [];
    for (const file of files(wishOf(p)))
      config.push(...(await ownFileDifferences(host, fieldOf(file), wanted(p, file))));
    const left = await unproven(host, claimOf(p), p.verify);
    return [...config, ...(await running(p, host)), ...left];
  },

  async apply(p, host, changes) {
    const by = await configurer(p, host);
    const files = by.files(wishOf(p));
    await verified<Former>(host, {
      claim: claimOf(p),
      verify: p.verify,
      isNeeded: changes.some(({ field }) => field !== "verify"),
      former: (kept) => asItIs(p, host, files, kept),
      work: () => {
        const wish = files.map((file) => wanted(p, file));
        return settle(p, host, by, wish, p.state === "present");
      },
      back: async ({ files: former, addresses }) => {
        const isPresent = former.some(({ text }) => text !== undefined);
        await settle(p, host, by, former, isPresent, true);
        await soon(host, async () => {
          const is = await addressesOf(host, p.interface);
          return addresses.every((address) => is.includes(address));
        });
      },
    });
  },

  examples: [
    {
      title: "A fixed address",
      params: {
        interface: "eth0",
        addresses: ["10.0.0.5/24", "fd00::5/64"],
        gateway: ["10.0.0.1"],
        verify: "timeout 5 bash -c '</dev/tcp/vigo.example.com/1530'",
      },
    },
    {
      title: "A VLAN, its address by DHCP",
      params: { interface: "office", vlan: { parent: "eth0", id: 20 }, dhcp: "ipv4" },
    },
    {
      title: "A bridge for virtual machines",
      params: { interface: "br0", bridge: { members: ["eth1"], stp: false }, dhcp: "both" },
    },
    {
      title: "No such VLAN",
      params: { interface: "office", vlan: { parent: "eth0", id: 20 }, state: "absent" },
    },
  ],
});

const wishOf = (p: Params): InterfaceWish => ({
  ...p,
  name: p.interface,
  addresses: p.addresses.map((address) => parseInterfaceAddress(address) ?? address),
  gateways: p.gateway.map((address) => parseNetwork(address)?.text ?? address),
});

const claimOf = (p: Params) => `network_interface:${p.interface}`;

interface Former {
  readonly files: readonly OwnFile[];
  readonly addresses: readonly string[];
}

/** What is kept stays: what is declared may be of other files than what was never proven. */
async function asItIs(p: Params, host: ReadHost, files: readonly OwnFile[], kept?: Former) {
  const { files: known = [], addresses = await addressesOf(host, p.interface) } = kept ?? {};
  const others = files.filter(({ path }) => known.every((one) => one.path !== path));
  const now = others.map(async (file) => ({ ...file, text: await fileText(host, file.path) }));
  return { files: [...known, ...(await Promise.all(now))], addresses };
}

const wanted = (p: Params, file: OwnFile): OwnFile =>
  p.state === "present" ? file : { ...file, text: undefined };

const fieldOf = ({ path }: OwnFile) => `file ${path.split("/").at(-1)}`;

const configurers: Readonly<Record<Exclude<Params["backend"], "auto">, Configurer>> = {
  networkd,
  networkmanager: networkManager,
  netplan,
  ifupdown,
};

async function configurer(p: Params, host: ReadHost): Promise<Configurer> {
  const name = p.backend === "auto" ? await inUse(host) : p.backend;
  if (name === "ifupdown") await mustBeOurs(host, p.interface);
  return configurers[name];
}

/** netplan hands on to the others, so it comes first; ifupdown is no service that runs. */
async function inUse(host: ReadHost): Promise<Exclude<Params["backend"], "auto">> {
  if (((await host.list("/etc/netplan")) ?? []).some((name) => /^[^.].*\.yaml$/.test(name)))
    return "netplan";
  const units = ["NetworkManager", "systemd-networkd"];
  const { stdout } = await host.query({ argv: ["systemctl", "is-active", ...units] });
  const [manager, daemon] = stdout.trim().split("\n");
  if (manager === "active") return "networkmanager";
  if (daemon === "active") return "networkd";
  if ((await host.stat("/etc/network/interfaces")) !== undefined) return "ifupdown";
  throw new VigoError(
    "failed",
    `not for ${host.os.distro} as it is: nothing known configures its network`,
    {
      hint: "networkd, NetworkManager, netplan and ifupdown are known; start one, or name it as backend",
    },
  );
}

async function running(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const [wish, isPresent] = [wishOf(p), p.state === "present"];
  const found = [
    ...linkDifferences(wish, isPresent, await links(host)),
    ...(isPresent ? await gatewayDifferences(host, wish) : []),
  ];
  return found.flatMap(({ field, from, to }) => differing(field, from, to));
}

/** Writes files, has them read, and waits for the kernel to have it so. */
async function settle(
  p: Params,
  host: Host,
  by: Configurer,
  files: readonly OwnFile[],
  isPresent: boolean,
  isBack = false,
): Promise<void> {
  const wish = wishOf(p);
  const wasThere = files[0] !== undefined && (await host.stat(files[0].path)) !== undefined;
  const before = new Map(await links(host));
  const orders = () => by.commands(wish, isPresent, (name) => before.has(name));
  if (!isPresent && by.downFirst && wasThere) await inTurn(host, orders());
  const former = before.get(wish.name);
  const isAnew = isPresent && isMadeAnew(wish, former, isBack);
  for (const file of files) await write(host, file, isAnew);
  if (isAnew && before.delete(wish.name)) await removeLink(host, wish.name);
  if (isPresent && !isBack) await switchStp(host, wish, former);
  if (isPresent || by.downFirst !== true) await inTurn(host, orders());
  const link = (await links(host)).get(p.interface);
  if (!isPresent && isMade(link)) await removeLink(host, p.interface);
  if (isPresent && !isBack && p.state === "present")
    await soon(host, async () => (await running(p, host)).length === 0);
}

async function inTurn(host: Host, orders: ReturnType<Configurer["commands"]>): Promise<void> {
  for (const order of orders) {
    const words = "shell" in order.argv ? order.argv.shell : order.argv.join(" ");
    await mustSucceed(words, host.run(order));
  }
}

/** Of a file that says what it said before, networkd would make the same as before, whatever it reads beside it. */
async function write(host: Host, file: OwnFile, isAnew: boolean): Promise<void> {
  if (!isAnew && (await ownFileDifferences(host, "file", file)).length === 0) return;
  const folder = file.path.replace(/\/[^/]*$/, "");
  if (file.text !== undefined && (await host.stat(folder)) === undefined)
    await host.mkdir(folder, { mode: 0o755 });
  await writeOwnFile(host, file);
}
