/** Sockets of macOS that wait for others, by lsof(8), with who holds them; asked once for all traits. Must not know what they serve. */
import type { ReadHost } from "../host.ts";
import { type Asking, printed } from "./once.ts";

export interface MacSocket {
  readonly protocol: "tcp" | "udp";
  readonly family: "ipv4" | "ipv6";
  /** `0.0.0.0` and `::` are all. */
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  readonly comm: string;
}

/** A letter and a value a line: process, command, then of each socket f(ile), type, Protocol, name and TCP state. */
const argv = ["lsof", "-nP", "-i", "-F", "pcftPnT"];

/** By port. Exit 1 says that there are none. */
export const macSockets = async (host: ReadHost, asking: Asking): Promise<readonly MacSocket[]> =>
  parseLsof(await printed(host, asking, argv, [0, 1]));

export function parseLsof(text: string): readonly MacSocket[] {
  const found = new Map<string, MacSocket>();
  for (const part of text.split(/^(?=p\d)/m)) {
    const [, pid] = /^p(\d+)$/m.exec(part) ?? [];
    const [, comm = ""] = /^c(.*)$/m.exec(part) ?? [];
    for (const file of part.split(/^(?=f)/m).slice(1)) {
      const socket = socketIn(file);
      if (socket === undefined) continue;
      const key = `${socket.protocol} ${socket.family} ${socket.address} ${socket.port}`;
      // Children have their parent's sockets; the first is told.
      if (!found.has(key)) found.set(key, { ...socket, pid: Number(pid ?? 0), comm: plain(comm) });
    }
  }
  return [...found.values()].sort(
    (a, b) =>
      a.port - b.port ||
      a.protocol.localeCompare(b.protocol) ||
      a.family.localeCompare(b.family) ||
      a.address.localeCompare(b.address),
  );
}

/** Blanks and what cannot be printed are `\x20` there. */
const plain = (name: string): string =>
  Buffer.from(
    name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    "latin1",
  ).toString("utf8");

/** Undefined for a connection, and for a socket that is bound to nothing yet (`*:*`). */
function socketIn(file: string): Omit<MacSocket, "pid" | "comm"> | undefined {
  const field = (letter: string) => new RegExp(`^${letter}(.*)$`, "m").exec(file)?.[1] ?? "";
  const protocol = field("P").toLowerCase();
  if (protocol !== "tcp" && protocol !== "udp") return undefined;
  if (protocol === "tcp" && field("TST=") !== "LISTEN") return undefined;
  const [, bound = "", port] = /^(\*|[\d.]+|\[[^\]]+\]):(\d+)$/.exec(field("n")) ?? [];
  if (port === undefined) return undefined;
  const family = field("t") === "IPv6" ? "ipv6" : "ipv4";
  const all = family === "ipv6" ? "::" : "0.0.0.0";
  const address = bound === "*" ? all : bound.replace(/^\[|\]$/g, "").replace(/%.*/, "");
  return { protocol, family, address, port: Number(port) };
}
