/**
 * The kernel's routing tables as `/proc/net/route` and `/proc/net/ipv6_route` print them. Must not know why anybody asks.
 * Formats: net/ipv4/fib_trie.c and net/ipv6/route.c of Linux.
 */

export interface DefaultRoute {
  readonly interface: string;
  /** Empty where packets go straight to the link. */
  readonly gateway: string;
}

const up = 0x0001;
const reject = 0x0200;

/** The default routes, that of the lowest metric first. Addresses are hexadecimal in the machine's byte order, which is little-endian. */
export const defaultRoutesV4 = (table: string): readonly DefaultRoute[] =>
  table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, destination, , flags = "0", , , , mask]) =>
        destination === "00000000" && mask === "00000000" && usable(flags),
    )
    .sort((a, b) => Number(a[6]) - Number(b[6]))
    .map(([name = "", , gateway = ""]) => ({ interface: name, gateway: addressV4(gateway) }));

/** Addresses are 32 hexadecimal digits in network order; the metric is hexadecimal too. */
export const defaultRoutesV6 = (table: string): readonly DefaultRoute[] =>
  table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([destination, length, , , , , , , flags = "0", name]) =>
        destination === "0".repeat(32) && length === "00" && usable(flags) && name !== "lo",
    )
    .sort((a, b) => Number.parseInt(a[5] ?? "0", 16) - Number.parseInt(b[5] ?? "0", 16))
    .map(([, , , , gateway = "", , , , , name = ""]) => ({
      interface: name,
      gateway: addressV6(gateway),
    }));

function usable(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & up) !== 0 && (bits & reject) === 0;
}

function addressV4(hex: string): string {
  const bytes = [...hex.matchAll(/../g)].map(([byte]) => Number.parseInt(byte, 16)).reverse();
  return bytes.some((byte) => byte !== 0) ? bytes.join(".") : "";
}

/** Shortened as RFC 5952 wants it, by the parser of URLs, which does just that. */
function addressV6(hex: string): string {
  if (/^0*$/.test(hex)) return "";
  const groups = (hex.match(/.{4}/g) ?? []).join(":");
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1);
}
