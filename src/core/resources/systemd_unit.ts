/**
 * The `systemd_unit` type: a unit file of one's own, or a drop-in beside a unit of somebody else's, in `/etc/systemd/system`.
 * Must not know what units are for. systemd is told by itself that there is another text.
 */
import type { z } from "zod";
import type { Host, ReadHost } from "../host.ts";
import { atMostOne, choice, flag, nested, parameters, text } from "../params.ts";
import { type Change, type Claim, defineResource, differing } from "../resource.ts";
import { isSections, printUnit } from "../text/systemd-unit.ts";
import {
  type OwnFile,
  ownFileDifferences,
  removeIfEmpty,
  writeOwnFile,
} from "../tools/own-file.ts";
import { isStale, readUnitFiles, systemctl, systemd } from "../tools/systemctl.ts";
import { mustVerify } from "../tools/systemd-verify.ts";
import {
  enablingFields,
  isVendorUnit,
  serviceId,
  standingUnit,
  unitFolder,
  unread,
} from "../tools/unit.ts";

const params = () =>
  parameters({
    unit: text("Name of the unit with its kind, as `app.service` or `srv-data.mount`.", {
      pattern:
        /^[A-Za-z0-9:_.\\@-]{1,240}\.(?:service|socket|target|path|timer|mount|automount|swap|slice|scope)$/,
      wanted: "the name of a unit with its kind, like app.service",
    }),
    state: choice(
      "Absent stops and disables the unit and removes its file; of a drop-in, the file alone.",
      ["present", "absent"],
    ).default("present"),
    content: text("The whole file.").exactOptional(),
    sections: nested(
      "The file as a map of sections, each a map of keys; a list is a key several times.",
    ).exactOptional(),
    drop_in: text("Write `UNIT.d/NAME.conf` with this name instead of the unit itself.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$/,
      wanted: "a name of letters, digits, _, . and -",
    }).exactOptional(),
    enabled: flag("Start it at boot. Left alone when not said.").exactOptional(),
    started: flag(
      "Have it run now, or not. Left alone when not said. Another text restarts nothing: notify a `service` whose `state` is restarted.",
    ).exactOptional(),
  })
    .refine(atMostOne(["content", "sections"]), {
      path: ["content"],
      message: "choose one of content and sections",
    })
    .refine((p) => p.state === "absent" || p.content !== undefined || p.sections !== undefined, {
      path: ["content"],
      message: "is required unless sections are given or state is absent",
    })
    .refine((p) => p.sections === undefined || isSections(p.sections), {
      path: ["sections"],
      message: "must be sections, each a map of keys with one line or a list of lines",
    })
    .refine(
      (p) => !/@\.\w+$/.test(p.unit) || (p.enabled === undefined && p.started === undefined),
      {
        path: ["unit"],
        message: "is a template: enable or start an instance of it, as app@one.service",
      },
    )
    .refine((p) => p.state === "present" || (p.enabled === undefined && p.started === undefined), {
      path: ["state"],
      message: "what is absent is neither enabled nor started: leave those out",
    });

type Params = z.output<ReturnType<typeof params>>;

export const systemdUnit = defineResource<Params>({
  name: "systemd_unit",
  summary: "Keeps a unit file or a drop-in of systemd, and systemd aware of it.",
  platforms: ["linux"],
  params,
  main: "unit",
  lane: "systemd",
  claims: (p) => [
    { id: `file:${fileOf(p).path}` },
    { id: `unit:${p.unit}`, part: p.drop_in ?? "file" },
    ...runClaims(p),
  ],
  after: (p) => ["file:/etc/systemd/system", ...(p.drop_in === undefined ? [] : [dropInFolder(p)])],

  async check(p, host) {
    const unit = await standingUnit(host, p.unit);
    const file = await ownFileDifferences(host, "content", fileOf(p));
    if (p.state === "absent") return [...file, ...(await leftRunning(p, host, unit.active))];
    const stale = file.length === 0 && !isTemplate(p) && (await isStale(host, p.unit));
    return [...file, ...(stale ? [unread] : []), ...enablingFields(p, unit)];
  },

  async apply(p, host, changes) {
    const fields = new Map(changes.map(({ field, to }) => [field, to]));
    if (p.state === "absent") return await takeAway(p, host, fields);
    const isPut = ["content", "mode", "owner", "group"].some((field) => fields.has(field));
    if (isPut) await put(p, host);
    // Whatever is mended of it, it is a new file, which systemd has not read.
    if (isPut || fields.has("loaded")) await readUnitFiles(host);
    const enabled = fields.get("enabled");
    if (enabled !== undefined)
      await systemctl(host, enabled === "true" ? "enable" : "disable", p.unit);
    const state = fields.get("state");
    if (state !== undefined)
      await systemd.act(host, state === "running" ? "start" : "stop", p.unit);
  },

  /** What does not run stays so. */
  async refresh(p, host) {
    if (p.state === "present" && !isTemplate(p)) await systemctl(host, "try-restart", p.unit);
  },

  refreshedBy: (_, changes) =>
    changes.some(({ field, to }) => field === "state" && to === "running"),

  examples: [
    {
      title: "A service of one's own",
      params: {
        unit: "app.service",
        sections: {
          Unit: { Description: "The app", After: "network-online.target" },
          Service: { ExecStart: "/opt/app/bin/app --serve", User: "app", Restart: "on-failure" },
          Install: { WantedBy: "multi-user.target" },
        },
        enabled: true,
        started: true,
      },
    },
    {
      title: "More open files for a service of the distribution",
      params: {
        unit: "nginx.service",
        drop_in: "limits",
        content: "[Service]\nLimitNOFILE=65536\n",
      },
    },
    { title: "No such unit", params: { unit: "old.service", state: "absent" } },
  ],
});

const isTemplate = (p: Params) => /@\.\w+$/.test(p.unit);

const dropInFolder = (p: Params) => `file:${unitFolder}/${p.unit}.d`;

function fileOf(p: Params): OwnFile {
  const name = p.drop_in === undefined ? p.unit : `${p.unit}.d/${p.drop_in}.conf`;
  const sections = isSections(p.sections) ? p.sections : {};
  const wanted = p.content ?? printUnit(sections);
  return {
    path: `${unitFolder}/${name}`,
    text: p.state === "present" ? wanted : undefined,
    mode: "0644",
  };
}

/** The same ids as those of the type `service`: who starts a unit is one. */
const runClaims = (p: Params): readonly Claim[] => [
  ...(p.enabled === undefined ? [] : [{ id: serviceId(p.unit), part: "enabled" }]),
  ...(p.started === undefined ? [] : [{ id: serviceId(p.unit), part: "state" }]),
];

/** A unit goes on without its file; but where the distribution has one of this name, that is in force again. */
async function leftRunning(p: Params, host: ReadHost, active: boolean): Promise<readonly Change[]> {
  if (!active || p.drop_in !== undefined || (await isVendorUnit(host, p.unit))) return [];
  return differing("state", "running", "stopped");
}

async function takeAway(p: Params, host: Host, fields: ReadonlyMap<string, unknown>) {
  const file = fileOf(p);
  const own = p.drop_in === undefined && !isTemplate(p) && !(await isVendorUnit(host, p.unit));
  if (fields.has("state")) await systemctl(host, "stop", p.unit);
  if (own && fields.has("content")) await systemctl(host, "disable", p.unit);
  await writeOwnFile(host, file);
  if (p.drop_in !== undefined) await removeIfEmpty(host, `${unitFolder}/${p.unit}.d`);
  await readUnitFiles(host);
}

async function put(p: Params, host: Host): Promise<void> {
  const file = fileOf(p);
  await mustVerify(host, { path: file.path, unit: p.unit, text: file.text ?? "" });
  const folder = `${unitFolder}/${p.unit}.d`;
  if (p.drop_in !== undefined && (await host.stat(folder)) === undefined)
    await host.mkdir(folder, { mode: 0o755 });
  await writeOwnFile(host, file);
}
