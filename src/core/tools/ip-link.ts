/** Network interfaces as the kernel has them, through ip-address(8) in its JSON. Must not know who configures them. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { type Fields, fieldsOf } from "../text/foreign-json.ts";
import { parseNetwork } from "../text/ip-network.ts";
import { mustSucceed } from "./exit.ts";

export interface Link {
  readonly name: string;
  readonly mtu: number;
  readonly isUp: boolean;
  /** vlan, bond, bridge, veth … ; undefined for hardware. */
  readonly kind: string | undefined;
  /** The bridge or bond it is in. */
  readonly master: string | undefined;
  /** The interface below a VLAN. */
  readonly parent: string | undefined;
  readonly vlanId: number | undefined;
  /** Of a bond. */
  readonly mode: string | undefined;
  /** Of a bridge: whether it keeps to one way where there are several. */
  readonly stp: boolean | undefined;
  /** `10.0.0.5/24` */
  readonly addresses: readonly string[];
}

/** By name. Answers with nothing where there is no ip(8). */
export async function links(host: ReadHost): Promise<ReadonlyMap<string, Link>> {
  const argv = ["ip", "-j", "-d", "address", "show"];
  const { stdout } = await mustSucceed(argv.join(" "), host.query({ argv }));
  return parseLinks(stdout);
}

/** Whoever had configured it may be quicker. */
export async function removeLink(host: Host, name: string): Promise<void> {
  const argv = ["ip", "link", "delete", name];
  const told = await host.run({ argv });
  if (told.code !== 0 && (await links(host)).has(name))
    await mustSucceed(argv.join(" "), Promise.resolve(told));
}

/** Of a bridge that is in use: who made it anew would take ports of others out of it. */
export async function setStp(host: Host, bridge: string, on: boolean): Promise<void> {
  const argv = ["ip", "link", "set", "dev", bridge, "type", "bridge", "stp_state", on ? "1" : "0"];
  await mustSucceed(argv.join(" "), host.run({ argv }));
}

export function parseLinks(json: string): ReadonlyMap<string, Link> {
  const all: unknown = JSON.parse(json.trim() || "[]");
  if (!Array.isArray(all)) throw new VigoError("failed", "ip address prints what is no list");
  return new Map(all.map((one: Fields) => linkOf(one)).map((link) => [link.name, link]));
}

function linkOf(fields: Fields): Link {
  const info = fieldsOf(fields["linkinfo"]);
  const { id, mode, stp_state: stp } = fieldsOf(info["info_data"]);
  const flags = Array.isArray(fields["flags"]) ? fields["flags"] : [];
  return {
    name: text(fields["ifname"]) ?? "",
    mtu: Number(fields["mtu"] ?? 0),
    isUp: flags.includes("UP"),
    kind: text(info["info_kind"]),
    master: text(fields["master"]),
    parent: text(fields["link"]),
    vlanId: typeof id === "number" ? id : undefined,
    mode: text(mode),
    stp: typeof stp === "number" ? stp !== 0 : undefined,
    addresses: addresses(fields["addr_info"]),
  };
}

function addresses(found: unknown): readonly string[] {
  if (!Array.isArray(found)) return [];
  return found.map((one: Fields) => {
    const address = text(one["local"]) ?? "";
    return `${parseNetwork(address)?.text ?? address}/${Number(one["prefixlen"])}`;
  });
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
