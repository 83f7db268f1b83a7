/**
 * The `dns_resolver` type: who is asked for names. Must not know zones. Where a program keeps `/etc/resolv.conf`, that program is
 * told, because it would write over what others put there.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, list, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { parseLines, printLines } from "../text/lines.ts";
import {
  holdsResolver,
  type Resolver,
  resolvedText,
  withoutResolver,
  withResolver,
} from "../text/resolver.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { mustSucceed } from "../tools/exit.ts";
import { fileText } from "../tools/file-text.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";
import { restartRunning } from "../tools/systemctl.ts";
import { hasNotRead, unread } from "../tools/unit.ts";

const params = () =>
  parameters({
    nameservers: list(
      "Addresses of name servers, the first is asked first: these and no others.",
      text("An address.", {
        pattern: /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?)$/,
        wanted: "an IPv4 or IPv6 address",
      }),
    ),
    search: list(
      "Domains that short names are looked up in. Left alone when not said.",
      text("A domain.", { pattern: /^~?[A-Za-z0-9_.-]{1,253}$/, wanted: "a domain" }),
    ).exactOptional(),
    options: list(
      "Options as resolv.conf(5) has them, like `rotate` or `timeout:2`; not for resolved. Left alone when not said.",
      text("An option.", { pattern: /^[a-z0-9:-]{1,50}$/, wanted: "an option like timeout:2" }),
    ).exactOptional(),
    backend: choice(
      "Who keeps resolv.conf. Auto goes by where `/etc/resolv.conf` leads; file replaces such a link by a file.",
      ["auto", "resolved", "resolvconf", "file"],
    ).default("auto"),
    state: choice("Absent takes these away.", ["present", "absent"]).default("present"),
  }).refine((p) => p.nameservers.length > 0, {
    path: ["nameservers"],
    message: "must name a server",
  });

type Params = z.output<ReturnType<typeof params>>;

export const dnsResolver = defineResource<Params>({
  name: "dns_resolver",
  summary: "Keeps which servers are asked for names.",
  platforms: ["linux"],
  params,
  lane: editing,
  claims: () => [
    { id: "dns_resolver" },
    { id: `file:${resolvConf}` },
    { id: `file:${dropIn}` },
    { id: `file:${base}` },
  ],
  after: () => ["package:systemd-resolved", "package:resolvconf"],

  async check(p, host) {
    const backend = await backendOf(p, host);
    if (backend === "resolved") return await resolvedChanges(p, host);
    if (backend === "resolvconf") return await resolvconfChanges(p, host);
    return await fileChanges(p, host);
  },

  async apply(p, host, changes) {
    const backend = await backendOf(p, host);
    if (backend === "resolved") return await putResolved(p, host, changes);
    if (backend === "resolvconf") {
      if (changes.some(({ field }) => field !== unread.field)) await writeEdit(host, edit(p, base));
      await mustSucceed("resolvconf -u", host.run({ argv: ["resolvconf", "-u"] }));
      return;
    }
    if (changes.some(({ field }) => field === "kind")) await replaceLink(p, host);
    else await writeEdit(host, edit(p, resolvConf));
  },

  examples: [
    {
      title: "Two servers and a domain",
      params: { nameservers: ["10.0.0.53", "10.0.1.53"], search: ["corp.example.com"] },
    },
    {
      title: "A file, whoever kept it before",
      params: { nameservers: ["9.9.9.9"], options: ["edns0", "timeout:2"], backend: "file" },
    },
  ],
});

const resolvConf = "/etc/resolv.conf";
const dropIn = "/etc/systemd/resolved.conf.d/90-vigo.conf";
/** What Debian's resolvconf adds to what interfaces bring. */
const base = "/etc/resolvconf/resolv.conf.d/base";

/** What it makes of all of that, where it runs. */
const made = "/run/resolvconf/resolv.conf";

type Backend = Exclude<Params["backend"], "auto">;

async function backendOf(p: Params, host: ReadHost): Promise<Backend> {
  const target = (await host.stat(resolvConf))?.target ?? "";
  const found = /systemd\/resolve/.test(target) ? "resolved" : "file";
  const auto: Backend = /\/resolvconf\//.test(target) ? "resolvconf" : found;
  const backend = p.backend === "auto" ? auto : p.backend;
  if (backend === "resolved" && p.options !== undefined)
    throw new VigoError("failed", "systemd-resolved has no options as resolv.conf has them", {
      hint: "leave options out, or say backend: file",
    });
  return backend;
}

const wished = ({ nameservers, search, options }: Params): Resolver => ({
  nameservers,
  search,
  options,
});

const edit = (p: Params, path: string): FileEdit => ({
  path,
  present: p.state === "present",
  create: true,
  edit: (doc) =>
    p.state === "present" ? withResolver(doc, wished(p)) : withoutResolver(doc, wished(p)),
});

const resolvedFile = (p: Params): OwnFile => ({
  path: dropIn,
  text: p.state === "present" ? resolvedText(wished(p)) : undefined,
  mode: "0644",
});

async function resolvedChanges(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const differ = await ownFileDifferences(host, "resolver", resolvedFile(p));
  if (differ.length > 0 || p.state === "absent") return differ;
  return (await hasNotRead(host, resolvedUnit, dropIn)) ? [unread] : [];
}

const resolvedUnit = "systemd-resolved.service";

async function putResolved(p: Params, host: Host, changes: readonly Change[]): Promise<void> {
  if (changes.some(({ field }) => field !== unread.field)) await writeResolved(p, host);
  await restartRunning(host, resolvedUnit);
}

async function writeResolved(p: Params, host: Host): Promise<void> {
  const folder = dropIn.replace(/\/[^/]*$/, "");
  if (p.state === "present" && (await host.stat(folder)) === undefined)
    await host.mkdir(folder, { mode: 0o755 });
  await writeOwnFile(host, resolvedFile(p));
}

/** Its folder is there where the package is. */
async function resolvconfChanges(p: Params, host: ReadHost): Promise<readonly Change[]> {
  if (p.state === "present" && (await host.stat("/etc/resolvconf")) === undefined)
    throw new VigoError("failed", "there is no resolvconf on this machine", {
      hint: "declare the package resolvconf, or choose another backend",
    });
  const differ = await editDifference(host, "resolver", edit(p, base));
  if (differ.length > 0 || p.state === "absent") return differ;
  const inForce = await fileText(host, made);
  return inForce === undefined || holdsResolver(inForce, wished(p)) ? [] : [unread];
}

async function fileChanges(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const there = await host.stat(resolvConf);
  if (there?.kind !== "symlink") return await editDifference(host, "resolver", edit(p, resolvConf));
  if (p.state === "absent") return [];
  return [
    ...differing("kind", `a link to ${there.target ?? "nothing"}`, "a file"),
    ...(await editDifference(host, "resolver", edit(p, resolvConf))),
  ];
}

/** The file takes the link's place in one step; what it led to stays as it is. */
async function replaceLink(p: Params, host: Host): Promise<void> {
  const is = parseLines((await fileText(host, resolvConf)) ?? "");
  const beside = "/etc/.vigo-new.resolv.conf";
  await host.remove(beside);
  const bytes = new TextEncoder().encode(printLines(withResolver(is, wished(p))));
  await host.write(beside, bytes, { mode: 0o644, snapshot: false });
  await host.rename(beside, resolvConf);
}
