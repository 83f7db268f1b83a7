/** The `listeners` trait: which program waits on which port. Must not know what it serves. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileLine } from "../tools/file-text.ts";
import { executableOf, gone, holdersOf } from "../tools/processes.ts";
import { type Socket, waitingSockets } from "../tools/sockets.ts";
import { defineTrait } from "../trait.ts";

const most = 1_000;

export const listeners = defineTrait({
  name: "listeners",
  summary: "Programs that wait on ports.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/processes.ts") as typeof import("./darwin/processes.ts")).listeners,
    windows: () =>
      (require("./windows/processes.ts") as typeof import("./windows/processes.ts")).listeners,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      sockets: z
        .array(
          z.strictObject({
            port: z.int().min(0).max(65_535),
            family: z.enum(["ipv4", "ipv6"]),
            protocol: z.enum(["tcp", "udp"]),
            bind_address: z.string(),
            pid: z.int().min(0),
            comm: z.string(),
            exe: z.string(),
          }),
        )
        .meta({
          description: `Each socket: port, family, protocol, the address it is bound to (\`0.0.0.0\` and \`::\` are all), and the first process that holds it with its name and program; pid 0 where that cannot be seen. By port, ${most} at most.`,
        }),
    }),
  async collect(host, { previous }) {
    const sockets = await waitingSockets(host);
    if (sockets === undefined) return undefined;
    const told = [...sockets].sort(byPort).slice(0, most);
    const before = new Set(previous?.sockets.map(({ pid }) => pid));
    const holders = await holdersOf(host, new Set(told.map(({ inode }) => inode)), before);
    const programs = await programsOf(host, new Set(holders.values()));
    return {
      sockets: told.map(({ inode, address, port, family, protocol }) => {
        const pid = holders.get(inode) ?? 0;
        const { comm = "", exe = "" } = programs.get(pid) ?? {};
        return { port, family, protocol, bind_address: address, pid, comm, exe };
      }),
    };
  },
  example: {
    sockets: [
      {
        port: 22,
        family: "ipv4",
        protocol: "tcp",
        bind_address: "0.0.0.0",
        pid: 612,
        comm: "sshd",
        exe: "/usr/sbin/sshd",
      },
    ],
  },
});

const byPort = (a: Socket, b: Socket) =>
  a.port - b.port ||
  a.protocol.localeCompare(b.protocol) ||
  a.family.localeCompare(b.family) ||
  a.address.localeCompare(b.address);

async function programsOf(host: ReadHost, pids: ReadonlySet<number>) {
  const found = await Promise.all(
    [...pids].map(async (pid) => {
      const comm = (await gone(fileLine(host, `/proc/${pid}/comm`))) ?? "";
      return [pid, { comm, exe: await executableOf(host, pid) }] as const;
    }),
  );
  return new Map(found);
}
