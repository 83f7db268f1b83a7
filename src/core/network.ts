/** Addresses and networks as operators list them, and which addresses are nobody's but ours. Must not know who is let in where. */
import { BlockList, isIP } from "node:net";
import { text } from "./params.ts";

/** `loopback`, an address, or a network in CIDR form. */
export const network = (description: string) => {
  const wanted = "loopback, an address, or a network like 10.0.0.0/8";
  return text(description, { pattern: /^[^\0]{1,100}$/, wanted }).refine(isNetwork, {
    error: ({ input }) => `must be ${wanted}, not ${JSON.stringify(input)}`,
  });
};

function isNetwork(written: string): boolean {
  if (written === "loopback") return true;
  const [address = "", bits, ...more] = written.split("/");
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return version !== 0 && more.length === 0 && fits;
}

/** Is an address in one of these networks? An IPv4 address in IPv6 clothes is what it is. */
export function networks(listed: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of listed.flatMap((one) =>
    one === "loopback" ? ["127.0.0.0/8", "::1"] : [one],
  )) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

/**
 * Private, loopback, link-local, multicast, reserved: the special-purpose registries of RFC 6890 and what holds an IPv4 address
 * inside an IPv6 one (mapped, translated, 6to4), because that may be any of them.
 */
export const isPrivate = networks([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ...["::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23"],
  ...["2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
]);
