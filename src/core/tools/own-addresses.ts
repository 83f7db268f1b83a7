/** Names and addresses of a machine, as its own files and interfaces tell them. Must not know how interfaces are listed. */
import type { InterfaceAddress } from "../host.ts";

/**
 * What resolv.conf(5) and hosts(5) say: a name with a dot is full already; else the first name on its line in hosts; else the
 * search domain makes it full.
 */
export function fullName(name: string, hosts: string, resolv: string): string {
  if (name.includes(".")) return name;
  const lines = hosts.split("\n").map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  const [, listed] = lines.find(([, ...names]) => names.includes(name)) ?? [];
  if (listed?.includes(".")) return listed;
  const domains = [...resolv.matchAll(/^[ \t]*(?:domain|search)[ \t]+(\S+)/gm)];
  const domain = domains.at(-1)?.[1]?.replace(/\.$/, "") ?? "";
  return domain === "" ? name : `${name}.${domain}`;
}

/** 127/8, ::1, 169.254/16 and fe80::/10 stay on the machine or the link. */
export const isReachable = ({ family, address }: InterfaceAddress): boolean =>
  family === "ipv4"
    ? !/^(?:127|169\.254)\./.test(address)
    : address !== "::1" && !/^fe[89ab]/i.test(address);

/** Empty: it has none. */
export const firstOf = (
  addresses: readonly InterfaceAddress[],
  family: InterfaceAddress["family"],
  name: string | undefined,
) =>
  addresses.find(
    (found) => found.interface === name && found.family === family && isReachable(found),
  )?.address ?? "";

export const withPrefix = (addresses: readonly InterfaceAddress[], name: string) =>
  addresses
    .filter((found) => found.interface === name)
    .map(({ address, prefix }) => `${address}/${prefix}`);

/** Of resolv.conf(5), in order. */
export const nameServersIn = (resolv: string): string[] =>
  [...resolv.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, at = ""]) => at);
