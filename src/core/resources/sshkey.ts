/** The `sshkey` type: the key by which ssh knows a host. Must not ask the host: a key is trusted because the policy says it. */
import type { z } from "zod";
import { choice, flag, list, parameters, path, text } from "../params.ts";
import { defineResource } from "../resource.ts";
import { withHostKey, withoutHostKey } from "../text/known-hosts.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";

const hostName = {
  pattern: /^(?:\[[^\s,|@#*?!\][]+\]:\d{1,5}|[^\s,|@#*?!\][]+)$/,
  wanted: "a host name or address, or [name]:port",
};
const kinds = [
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
] as const;

const params = () =>
  parameters({
    hostname: text("The host, as ssh is told its name; `[name]:port` for another port.", hostName),
    sshkey_type: choice(
      "Kind of the key. Absent takes every kind when not said.",
      kinds,
    ).exactOptional(),
    sshkey: text("The public key, without its kind. Needed unless `state` is absent.", {
      pattern: /^AAAA[A-Za-z0-9+/]+={0,3}$/,
      wanted: "a key like AAAAC3NzaC1lZDI1NTE5…, without its kind",
    }).exactOptional(),
    aliases: list("Other names and addresses of it.", text("A name.", hostName)).default([]),
    hash_host: flag("Keep the names hashed, so that the file does not tell them.").default(false),
    file: path("The file of known hosts.").default("/etc/ssh/ssh_known_hosts"),
    state: choice("Absent removes the names with their keys.", ["present", "absent"]).default(
      "present",
    ),
  }).refine(
    (p) => p.state === "absent" || (p.sshkey !== undefined && p.sshkey_type !== undefined),
    { path: ["sshkey"], message: "and sshkey_type are required unless state is absent" },
  );

type Params = z.output<ReturnType<typeof params>>;

export const sshkey = defineResource<Params>({
  name: "sshkey",
  summary: "Keeps the key by which ssh knows a host.",
  platforms: ["linux", "darwin"],
  params,
  main: "hostname",
  lane: editing,
  claims: (p) => {
    const of = p.sshkey_type === undefined ? kinds : [p.sshkey_type];
    return names(p).flatMap((name) =>
      of.map((kind) => ({ id: `file:${p.file}`, part: `known:${name} ${kind}` })),
    );
  },
  after: (p) => placeFollows(p.file),

  check: (p, host) => editDifference(host, "sshkey", edit(p)),
  apply: (p, host) => writeEdit(host, edit(p)),

  examples: [
    {
      title: "A host everybody on this machine knows",
      params: {
        hostname: "git.example.com",
        aliases: ["10.0.0.7"],
        sshkey_type: "ssh-ed25519",
        sshkey: "AAAAC3NzaC1lZDI1NTE5AAAAIabc",
      },
    },
    { title: "No such host", params: { hostname: "old.example.com", state: "absent" } },
  ],
});

const names = (p: Params) => [...new Set([p.hostname, ...p.aliases])];

const edit = (p: Params): FileEdit => ({
  path: p.file,
  present: p.state === "present",
  create: true,
  edit: (doc) => {
    const { sshkey_type: kind, sshkey: key, hash_host: hashed } = p;
    if (p.state === "absent" || kind === undefined || key === undefined)
      return withoutHostKey(doc, names(p), kind);
    return withHostKey(doc, { names: names(p), kind, key, hashed });
  },
});
