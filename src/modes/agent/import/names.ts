/** The time zone, and names of other machines in /etc/hosts. Must not know name servers. */
import { type Part, textOf } from "./found.ts";

export const zone: Part = {
  name: "timezone",
  summary: "The time zone",
  async find(host) {
    const there = await host.stat("/etc/localtime");
    const name = /\/zoneinfo\/(.+)$/.exec(there?.target ?? "")?.[1];
    return name === undefined ? [] : [{ type: "timezone", params: { timezone: name } }];
  },
};

/** Names of the machine itself differ from one to the next. */
const own = /^(?:127\.|::1$|f[ef]0\d::)/i;

export const hosts: Part = {
  name: "hosts",
  summary: "Names of other machines",
  async find(host) {
    const lines = (await textOf(host, "/etc/hosts")).split("\n");
    return lines
      .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
      .filter(([ip = "", name]) => name !== undefined && !own.test(ip))
      .map(([ip = "", hostname = "", ...aliases]) => ({
        type: "host",
        params: { hostname, ip, ...(aliases.length > 0 && { aliases }) },
      }));
  },
};
