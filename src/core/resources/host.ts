/** The `host` type: a name in `/etc/hosts`. Must not set this machine's own name: that is `hostname`. */
import { isIP } from "node:net";
import type { z } from "zod";
import { choice, list, parameters, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { withHost, withoutHost } from "../text/hosts.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";

const hostName = {
  pattern: /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/,
  wanted: "a host name",
};

const params = () =>
  parameters({
    hostname: text("The name.", hostName),
    ip: text(
      "Its address, IPv4 or IPv6. Needed unless `state` is absent; absent takes lines of this address only, when said.",
      { pattern: /^[0-9A-Fa-f.:]+$/, wanted: "an IP address" },
    ).exactOptional(),
    aliases: list(
      "Its other names, exactly these. Those that are there stay when not said.",
      text("A name.", hostName),
    ).exactOptional(),
    state: choice("Absent removes the line of the name, and the name from other lines.", [
      "present",
      "absent",
    ]).default("present"),
  })
    .refine((p) => p.state === "absent" || p.ip !== undefined, {
      path: ["ip"],
      message: "is required unless state is absent",
    })
    .refine((p) => p.ip === undefined || isIP(p.ip) !== 0, {
      path: ["ip"],
      message: "must be an IP address",
    });

type Params = z.output<ReturnType<typeof params>>;

export const host = defineResource<Params>({
  name: "host",
  summary: "Keeps a name in /etc/hosts.",
  platforms: ["linux", "darwin"],
  params,
  main: "hostname",
  lane: editing,
  claims: (p) => parts(p).map((part) => ({ id: `file:${hosts}`, part })),

  judgedBy: () => [hosts],
  check: (p, machine) => editDifference(machine, "host", edit(p)),
  apply: (p, machine) => writeEdit(machine, edit(p)),

  examples: [
    {
      title: "A name and its short form",
      params: { hostname: "db.example.com", ip: "10.0.0.5", aliases: ["db"] },
    },
    { title: "No such name", params: { hostname: "old.example.com", state: "absent" } },
  ],
});

const hosts = "/etc/hosts";

/** A name has one owner for each kind of address. */
function parts(p: Params): readonly string[] {
  const kinds = p.ip === undefined ? [4, 6] : [isIP(p.ip)];
  const names = [p.hostname, ...(p.aliases ?? [])].map((name) => name.toLowerCase());
  return [...new Set(names)].flatMap((name) => kinds.map((kind) => `host:${name} IPv${kind}`));
}

const edit = (p: Params): FileEdit => ({
  path: hosts,
  present: p.state === "present",
  create: true,
  edit: (doc) => {
    const { hostname, ip, aliases } = p;
    if (p.state === "absent" || ip === undefined) return withoutHost(doc, hostname, ip);
    return withHost(doc, { hostname, ip, ...(aliases !== undefined && { aliases }) });
  },
});
