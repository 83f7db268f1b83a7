/** The network an address with a prefix is in (RFC 4632, RFC 4291). Must not know interfaces. */
import { isIPv4, isIPv6 } from "node:net";

/** `10.1.2.3/24` → `10.1.2.0/24`, `2001:db8::1/64` → `2001:db8::/64` (spelled by RFC 5952). Throws for anything else. */
export function networkOf(written: string): string {
  const [, address = "", prefix = ""] = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(written.trim()) ?? [];
  const bits = Number(prefix);
  if (isIPv4(address) && bits <= 32) return `${spell4(cut(number4(address), bits, 32))}/${bits}`;
  if (isIPv6(address) && bits <= 128) return `${spell6(cut(number6(address), bits, 128))}/${bits}`;
  throw new Error(`"${written}" is no address with a prefix, like 10.1.2.3/24`);
}

const cut = (address: bigint, bits: number, size: number): bigint => {
  const host = BigInt(size - bits);
  return (address >> host) << host;
};

const number4 = (address: string): bigint =>
  address.split(".").reduce((number, part) => (number << 8n) | BigInt(part), 0n);

const spell4 = (address: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".");

function number6(address: string): bigint {
  const mapped = address.replace(/[\d.]+\.[\d.]+$/, (tail) => {
    const number = number4(tail);
    return `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
  });
  const [head = "", tail] = mapped.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce(
    (number, group) => (number << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

const groupsOf = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));

/** The longest run of two or more zero groups becomes `::`, the first of equals. */
function spell6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address >> BigInt(16 * (7 - index))) & 0xffffn).toString(16),
  ).join(":");
  const [longest] = [...groups.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  if (longest === undefined) return groups;
  const end = longest.index + longest[0].length;
  return `${groups.slice(0, longest.index).replace(/:$/, "")}::${groups.slice(end).replace(/^:/, "")}`;
}
