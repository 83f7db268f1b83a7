/** Interfaces of Debian's ifupdown: interfaces(5), ifup(8). Must not know when they are wanted. */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";
import {
  addressesOf,
  type Configurer,
  gatewayOf,
  type InterfaceWish,
  usesDhcp,
} from "./interface-wish.ts";

const folder = "/etc/network/interfaces.d";
const main = "/etc/network/interfaces";
const nameOf = (name: string) => `vigo-${name.replaceAll(".", "_")}`;

/** What belongs to the interface as a whole stands in its first stanza. */
function device({ mtu, vlan, bond, bridge }: InterfaceWish): readonly string[] {
  return [
    ...(mtu === undefined ? [] : [`mtu ${mtu}`]),
    ...(vlan ? [`vlan-raw-device ${vlan.parent}`, `vlan-id ${vlan.id}`] : []),
    ...(bond ? [`bond-slaves ${bond.members.join(" ")}`, `bond-mode ${bond.mode}`] : []),
    ...(bridge
      ? [
          `bridge_ports ${bridge.members.join(" ") || "none"}`,
          `bridge_stp ${bridge.stp ? "on" : "off"}`,
        ]
      : []),
  ];
}

function stanzas(wish: InterfaceWish): string {
  const all = ([4, 6] as const).flatMap((family) => {
    const inet = family === 4 ? "inet" : "inet6";
    const dhcp = usesDhcp(wish, family) ? [{ head: `${inet} dhcp`, lines: [] as string[] }] : [];
    const statics = addressesOf(wish, family).map((address, at) => {
      const gateway = at === 0 ? gatewayOf(wish, family) : undefined;
      const lines = [`address ${address}`, ...(gateway ? [`gateway ${gateway}`] : [])];
      return { head: `${inet} static`, lines };
    });
    return [...dhcp, ...statics];
  });
  const [first = { head: "inet manual", lines: [] }, ...rest] = all;
  return [{ ...first, lines: [...first.lines, ...device(wish)] }, ...rest]
    .map(({ head, lines }) => {
      const body = lines.map((line) => `    ${line}\n`).join("");
      return `iface ${wish.name} ${head}\n${body}`;
    })
    .join("\n");
}

export const ifupdown: Configurer = {
  files: (wish) => [
    {
      path: `${folder}/${nameOf(wish.name)}`,
      text: `# Kept by Vigo.\nauto ${wish.name}\n${stanzas(wish)}`,
      mode: "0644",
    },
  ],

  // Half of it would leave the machine without the interface, so that it goes on when the agent ends.
  commands: ({ name }, isPresent) => [
    isPresent
      ? { argv: ["sh", "-c", 'ifdown --force "$1"; exec ifup "$1"', "sh", name], outlives: true }
      : { argv: ["ifdown", "--force", name], outlives: true },
  ],

  downFirst: true,
};

/** Refuses where our file would not be read, or would contradict another one. */
export async function mustBeOurs(host: ReadHost, name: string): Promise<void> {
  const text = (await fileText(host, main)) ?? "";
  if (!/^\s*source(?:-directory)?\s+(?:\/etc\/network\/)?interfaces\.d(?:\/\*)?\s*$/m.test(text))
    throw new VigoError("failed", `${main} does not read ${folder}`, {
      hint: `add the line: source ${folder}/*`,
    });
  // Hidden ones are read by nobody: our own, if a run was killed while it wrote it, is among them.
  const others = ((await host.list(folder)) ?? []).filter((file) => !file.startsWith("."));
  for (const path of [main, ...others.map((file) => `${folder}/${file}`)]) {
    if (path.endsWith(`/${nameOf(name)}`)) continue;
    const lines = ((await fileText(host, path)) ?? "").split("\n").map((line) => line.trim());
    if (lines.some((line) => /^iface\s+(\S+)\s/.exec(line)?.[1] === name))
      throw new VigoError("failed", `${path} configures ${name} as well`, {
        hint: "take it out of there: two descriptions of one interface contradict each other",
      });
  }
}
