/**
 * Sockets that wait for others, from `/proc/net/{tcp,tcp6,udp,udp6}` (proc_pid_net(5)). Must not know whose they are.
 * Addresses are hexadecimal words in the byte order of the machine, which is little-endian everywhere we run.
 */
import type { ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";

export interface Socket {
  readonly protocol: "tcp" | "udp";
  readonly family: "ipv4" | "ipv6";
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

const tables = [
  ["tcp", "ipv4", "/proc/net/tcp"],
  ["tcp", "ipv6", "/proc/net/tcp6"],
  ["udp", "ipv4", "/proc/net/udp"],
  ["udp", "ipv6", "/proc/net/udp6"],
] as const;

/** TCP_LISTEN; a UDP socket without a peer is TCP_CLOSE. */
const waiting = { tcp: "0A", udp: "07" } as const;

type Waiting = Promise<readonly Socket[] | undefined>;

/** Two traits ask in the same moment, and the kernel walks through a large table for each who asks. */
const underWay = new WeakMap<ReadHost, Waiting>();

/** Undefined where the kernel has no such tables at all. */
export function waitingSockets(host: ReadHost): Waiting {
  const known = underWay.get(host);
  if (known !== undefined) return known;
  const asked = readSockets(host).finally(() => underWay.delete(host));
  underWay.set(host, asked);
  return asked;
}

async function readSockets(host: ReadHost): Waiting {
  const texts = await Promise.all(tables.map(([, , path]) => fileText(host, path)));
  if (texts.every((text) => text === undefined)) return undefined;
  return tables.flatMap(([protocol, family], at) => parseTable(texts[at] ?? "", protocol, family));
}

export function parseTable(
  text: string,
  protocol: Socket["protocol"],
  family: Socket["family"],
): readonly Socket[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === waiting[protocol])
    .map(([, local = "", , , , , , , , inode = "0"]) => {
      const [address = "", port = ""] = local.split(":");
      return {
        protocol,
        family,
        address: family === "ipv4" ? addressV4(address) : addressV6(address),
        port: Number.parseInt(port, 16),
        inode,
      };
    });
}

const bytesOf = (word: string) =>
  (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse();

const addressV4 = (hex: string) => bytesOf(hex).join(".");

/** Four words; shortened as RFC 5952 wants it, by the parser of URLs, which does just that. */
function addressV6(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(bytesOf);
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
