/**
 * The `ntp` type: whom the machine asks for the time. Must not set the clock, nor keep the client running: that is `service`; a
 * client that runs is restarted when its sources change.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, list, parameters, text } from "../params.ts";
import { type Change, defineResource } from "../resource.ts";
import { timesyncdText, withoutSources, withSources } from "../text/time-sources.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { type OwnFile, ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";
import { restartRunning } from "../tools/systemctl.ts";
import { hasNotRead, unread } from "../tools/unit.ts";
import { untold, writtenAndTold } from "../tools/untold.ts";

const address = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/,
  wanted: "a name or an address",
};

const params = () =>
  parameters({
    servers: list("Servers to ask: these and no others.", text("A server.", address)),
    pools: list("Names that stand for several servers each.", text("A pool.", address)).default([]),
    client: choice("Which program keeps the clock; auto takes the one that is installed.", [
      "auto",
      "chrony",
      "timesyncd",
    ]).default("auto"),
    state: choice("Absent takes these sources away, so that the distribution's default counts.", [
      "present",
      "absent",
    ]).default("present"),
  }).refine((p) => p.servers.length + p.pools.length > 0, {
    path: ["servers"],
    message: "must name a server, or pools one",
  });

type Params = z.output<ReturnType<typeof params>>;

export const ntp = defineResource<Params>({
  name: "ntp",
  summary: "Keeps whom the machine asks for the time.",
  platforms: ["linux"],
  params,
  lane: editing,
  claims: () => [
    { id: "ntp" },
    { id: `file:${dropIn}` },
    ...chronyFiles.map((path) => ({ id: `file:${path}`, part: "sources" })),
  ],
  after: () => ["package:chrony", "package:systemd-timesyncd"],

  async check(p, host) {
    const client = await clientOf(p, host);
    if (client === undefined) {
      const to = [...p.servers, ...p.pools].join(" ");
      return p.state === "absent" ? [] : [{ field: "sources", from: undefined, to, cause }];
    }
    const differ = await differences(p, host, client);
    if (differ.length > 0 || host.os.init !== "systemd") return differ;
    // Of a file that is gone nobody can tell when it went.
    if (p.state === "absent") return await untold(host, "ntp");
    return (await hasNotRead(host, unitOf(client), client.file)) ? [unread] : [];
  },

  async apply(p, host, changes) {
    const client = await clientOf(p, host);
    if (client === undefined)
      throw new VigoError("failed", "neither chrony nor systemd-timesyncd is on this machine", {
        hint: "declare the package of one of them, and depend on it",
      });
    const isOther = changes.some(({ field }) => field !== unread.field);
    const write = async () => (isOther ? await put(p, host, client) : undefined);
    if (host.os.init !== "systemd") return await write();
    await writtenAndTold(host, "ntp", write, () => restartRunning(host, unitOf(client)));
  },

  examples: [
    { title: "Two servers of our own", params: { servers: ["ntp1.corp", "ntp2.corp"] } },
    {
      title: "A pool, through chrony",
      params: { servers: [], pools: ["at.pool.ntp.org"], client: "chrony" },
    },
  ],
});

const cause = "intent" as const;

/** Debian's, and everybody else's. */
const chronyFiles = ["/etc/chrony/chrony.conf", "/etc/chrony.conf"] as const;
const dropIn = "/etc/systemd/timesyncd.conf.d/90-vigo.conf";

interface Client {
  readonly name: "chrony" | "timesyncd";
  readonly file: string;
}

async function clientOf(p: Params, host: ReadHost): Promise<Client | undefined> {
  if (p.client !== "timesyncd")
    for (const file of chronyFiles)
      if ((await host.stat(file, { follow: true })) !== undefined) return { name: "chrony", file };
  if (p.client === "chrony") return undefined;
  for (const folder of ["/lib/systemd", "/usr/lib/systemd"])
    if ((await host.stat(`${folder}/systemd-timesyncd`, { follow: true })) !== undefined)
      return { name: "timesyncd", file: dropIn };
  return undefined;
}

const chronyEdit = (p: Params, path: string): FileEdit => ({
  path,
  present: p.state === "present",
  create: false,
  edit: (doc) => (p.state === "present" ? withSources(doc, p) : withoutSources(doc, p)),
});

const timesyncdFile = (p: Params): OwnFile => ({
  path: dropIn,
  text: p.state === "present" ? timesyncdText(p) : undefined,
  mode: "0644",
});

const differences = async (
  p: Params,
  host: ReadHost,
  client: Client,
): Promise<readonly Change[]> =>
  client.name === "chrony"
    ? await editDifference(host, "sources", chronyEdit(p, client.file))
    : await ownFileDifferences(host, "sources", timesyncdFile(p));

async function put(p: Params, host: Host, client: Client): Promise<void> {
  if (client.name === "chrony") return await writeEdit(host, chronyEdit(p, client.file));
  const folder = dropIn.replace(/\/[^/]*$/, "");
  if (p.state === "present" && (await host.stat(folder)) === undefined)
    await host.mkdir(folder, { mode: 0o755 });
  await writeOwnFile(host, timesyncdFile(p));
}

function unitOf({ name, file }: Client): string {
  if (name === "timesyncd") return "systemd-timesyncd.service";
  return file === chronyFiles[0] ? "chrony.service" : "chronyd.service";
}
