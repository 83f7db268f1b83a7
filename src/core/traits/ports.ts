/** The `ports` trait: on which ports this machine waits for others. Must not know who waits. */
import { z } from "zod";
import { portsOf } from "../tools/port-list.ts";
import { waitingSockets } from "../tools/sockets.ts";
import { defineTrait } from "../trait.ts";

const portList = (description: string) => z.array(z.int().min(1).max(65_535)).meta({ description });

export const ports = defineTrait({
  name: "ports",
  summary: "Ports on which something waits.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/processes.ts") as typeof import("./darwin/processes.ts")).ports,
    windows: () =>
      (require("./windows/processes.ts") as typeof import("./windows/processes.ts")).ports,
  },
  keep: "run",
  value: () =>
    z.strictObject({
      listening: portList("TCP ports that accept connections, whatever the address, ascending."),
      udp: portList("UDP ports of sockets without a peer, ascending."),
    }),
  async collect(host) {
    const sockets = await waitingSockets(host);
    return sockets && { listening: portsOf(sockets, "tcp"), udp: portsOf(sockets, "udp") };
  },
  example: { listening: [22, 80, 443], udp: [68, 123] },
});
