/**
 * The `systemd_timer` type: a timer of systemd with what it starts, a unit that is there or a command that gets one. Must not
 * know what the command does.
 */
import type { z } from "zod";
import type { Host, ReadHost } from "../host.ts";
import { atMostOne, choice, commandLine, flag, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { execLine, printUnit } from "../text/systemd-unit.ts";
import { type OwnFile, oneOfOwnFiles, writeOwnFile } from "../tools/own-file.ts";
import { isStale, readUnitFiles, systemctl } from "../tools/systemctl.ts";
import { mustVerify } from "../tools/systemd-verify.ts";
import { enablingFields, serviceId, standingUnit, unitFolder, unread } from "../tools/unit.ts";

/** As systemd.time(7) has them; systemd itself says whether it is one. */
const span = (description: string) =>
  text(description, {
    pattern: /^[0-9][0-9A-Za-z. ]{0,100}$/,
    wanted: "a time span like 15min, 1h 30min or 2d",
  }).exactOptional();

const params = () =>
  parameters({
    timer: text("Name of the timer, without `.timer`.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9:_.-]{0,200}$/,
      wanted: "a name like backup, without .timer",
    }),
    state: choice("Absent stops and removes the timer, and the unit of its command.", [
      "present",
      "absent",
    ]).default("present"),
    on_calendar: text("When, as systemd.time(7) has it: `daily`, `Mon..Fri 22:30`, `*:0/15`.", {
      pattern: /^[^\n\r\0\\=]{1,200}$/,
      wanted: "a time like daily or Mon..Fri 22:30",
    }).exactOptional(),
    on_boot_sec: span("How long after boot, as `5min`."),
    on_unit_active_sec: span("How long after its last start, as `1h`: so it repeats."),
    command: commandLine(
      "What to run, as root. A unit of the timer's name is made for it.",
    ).exactOptional(),
    unit: text("The unit to start instead of a command.", {
      pattern: /^[A-Za-z0-9:_.\\@-]{1,240}\.(?:service|target|path|mount|socket)$/,
      wanted: "the name of a unit with its kind, like backup.service",
    }).exactOptional(),
    persistent: flag("Catch up at boot when the machine was off at its time.").default(false),
    randomized_delay: span("Begin up to this much later, so that not all machines do it at once."),
  })
    .refine(atMostOne(["command", "unit"]), {
      path: ["command"],
      message: "choose one of command and unit",
    })
    .refine((p) => p.state === "absent" || p.command !== undefined || p.unit !== undefined, {
      path: ["command"],
      message: "is required unless unit is given or state is absent",
    })
    .refine((p) => typeof p.command !== "object" || /^[\w/]/.test(p.command[0] ?? ""), {
      path: ["command"],
      message: "must begin with a program: systemd takes signs before it for orders",
    })
    .refine((p) => p.state === "absent" || times(p).length > 0, {
      path: ["on_calendar"],
      message: "choose on_calendar, on_boot_sec, on_unit_active_sec, or several of them",
    })
    .refine((p) => !p.persistent || p.on_calendar !== undefined, {
      path: ["persistent"],
      message: "works with on_calendar alone: other times count from boot",
    });

type Params = z.output<ReturnType<typeof params>>;

export const systemdTimer = defineResource<Params>({
  name: "systemd_timer",
  summary: "Starts a command or a unit at set times, by systemd.",
  platforms: ["linux"],
  params,
  main: "timer",
  lane: "systemd",
  claims: (p) => [
    { id: `file:${pathOf(p, "timer")}` },
    { id: `unit:${p.timer}.timer`, part: "file" },
    { id: serviceId(`${p.timer}.timer`) },
    ...(p.unit === undefined
      ? [{ id: `file:${pathOf(p, "service")}` }, { id: `unit:${p.timer}.service`, part: "file" }]
      : []),
  ],
  after: (p) => [
    "file:/etc/systemd/system",
    ...(p.unit === undefined ? [] : [`unit:${p.unit}`, `file:${unitFolder}/${p.unit}`]),
  ],

  async check(p, host) {
    const unit = await standingUnit(host, `${p.timer}.timer`);
    const files = [...(await timerFile(p, host)), ...(await serviceFile(p, host))];
    if (p.state === "absent")
      return [...files, ...(unit.active ? differing("state", "running", "stopped") : [])];
    const stale = files.length === 0 && (await isUnread(p, host));
    return [
      ...files,
      ...(stale ? [unread] : []),
      ...enablingFields({ enabled: true, started: true }, unit),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    const timer = `${p.timer}.timer`;
    if (p.state === "absent") return await takeAway(p, host, fields);
    if ([...fields].some((field) => field.startsWith("timer")))
      await put(host, fileOf(p, "timer"), timer);
    if ([...fields].some((field) => field.startsWith("service"))) await writeService(p, host);
    if ([...fields].some((field) => /^(?:timer|service)|^loaded$/.test(field)))
      await readUnitFiles(host);
    if (fields.has("enabled")) await systemctl(host, "enable", timer);
    if (fields.has("state")) await systemctl(host, "start", timer);
  },

  examples: [
    {
      title: "Every night",
      params: {
        timer: "backup",
        on_calendar: "*-*-* 02:30",
        command: ["/usr/local/bin/backup", "--all"],
        persistent: true,
        randomized_delay: "20min",
      },
    },
    {
      title: "A unit, five minutes after boot and then every hour",
      params: {
        timer: "refresh",
        on_boot_sec: "5min",
        on_unit_active_sec: "1h",
        unit: "refresh.service",
      },
    },
    { title: "No such timer", params: { timer: "backup", state: "absent" } },
  ],
});

const pathOf = (p: Params, kind: "timer" | "service") => `${unitFolder}/${p.timer}.${kind}`;

const mark = "# Kept by Vigo.\n";

interface Times {
  readonly on_calendar?: string;
  readonly on_boot_sec?: string;
  readonly on_unit_active_sec?: string;
}

const times = (p: Times): readonly (readonly [string, string])[] =>
  [
    ["OnCalendar", p.on_calendar] as const,
    ["OnBootSec", p.on_boot_sec] as const,
    ["OnUnitActiveSec", p.on_unit_active_sec] as const,
  ].flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));

function timerText(p: Params): string {
  const { randomized_delay: delay } = p;
  const text = printUnit({
    Unit: { Description: `Starts ${p.unit ?? p.timer}` },
    Timer: {
      ...Object.fromEntries(times(p)),
      ...(p.unit !== undefined && { Unit: p.unit }),
      ...(p.persistent && { Persistent: "true" }),
      ...(delay !== undefined && { RandomizedDelaySec: delay }),
    },
    Install: { WantedBy: "timers.target" },
  });
  return mark + text;
}

const serviceText = (p: Params, command: string | readonly string[]) =>
  mark +
  printUnit({
    Unit: { Description: p.timer },
    Service: { Type: "oneshot", ExecStart: execLine(command) },
  });

function fileOf(p: Params, kind: "timer" | "service"): OwnFile {
  const wanted = kind === "timer" ? timerText(p) : serviceText(p, p.command ?? []);
  const gone = p.state === "absent" || (kind === "service" && p.command === undefined);
  return { path: pathOf(p, kind), text: gone ? undefined : wanted, mode: "0644" };
}

const timerFile = (p: Params, host: ReadHost) => oneOfOwnFiles(host, "timer", fileOf(p, "timer"));

/** Where the timer starts another unit, or none any more, a unit that was made for its command goes; anybody else's stays. */
async function serviceFile(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const file = fileOf(p, "service");
  if (file.text === undefined && !(await isOurs(host, file.path))) return [];
  return await oneOfOwnFiles(host, "service", file);
}

async function isUnread(p: Params, host: ReadHost): Promise<boolean> {
  if (await isStale(host, `${p.timer}.timer`)) return true;
  return p.command !== undefined && (await isStale(host, `${p.timer}.service`));
}

async function isOurs(host: ReadHost, path: string): Promise<boolean> {
  const start = await host.read(path, { limit: mark.length });
  return start !== undefined && new TextDecoder().decode(start) === mark;
}

async function writeService(p: Params, host: Host): Promise<void> {
  const file = fileOf(p, "service");
  if (file.text === undefined) await host.remove(file.path);
  else await put(host, file, `${p.timer}.service`);
}

async function put(host: Host, file: OwnFile, unit: string): Promise<void> {
  await mustVerify(host, { path: file.path, unit, text: file.text ?? "" });
  await writeOwnFile(host, file);
}

async function takeAway(p: Params, host: Host, fields: ReadonlySet<string>): Promise<void> {
  const timer = `${p.timer}.timer`;
  if (fields.has("state")) await systemctl(host, "stop", timer);
  if (fields.has("timer")) await systemctl(host, "disable", timer);
  if (fields.has("timer")) await host.remove(pathOf(p, "timer"));
  if (fields.has("service")) await host.remove(pathOf(p, "service"));
  await readUnitFiles(host);
}
