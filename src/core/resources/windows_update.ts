/**
 * The `windows_update` type: where Windows gets its updates, and when, as group policy would say it. Must not know what is installed.
 * Source: "Manage additional Windows Update settings" (learn.microsoft.com).
 */
import type { z } from "zod";
import { choice, parameters, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { weekdays } from "../tools/local-time.ts";
import {
  registryStates,
  type RegistryValue,
  removeRegistryValue,
  writeRegistryValue,
} from "../tools/registry.ts";

const days = ["every", ...weekdays] as const;
/** AUOptions; off is a value of its own. */
const ways = { notify: "2", download: "3", install: "4" } as const;

const params = () =>
  parameters({
    state: choice("Absent takes these policies away, so that Windows decides.", [
      "present",
      "absent",
    ]).default("present"),
    wsus_server: text("Address of the update server, like `http://wsus.example.com:8530`.", {
      pattern: /^https?:\/\/[^\s/]+$/,
      wanted: "an http or https address without a path",
    }).exactOptional(),
    auto_update: choice(
      "off: nothing by itself; notify: only says that there are some; download: fetches them; install: at the scheduled time.",
      ["off", "notify", "download", "install"],
    ).exactOptional(),
    scheduled_day: choice("On which day it installs.", days).exactOptional(),
    scheduled_time: whole("At which hour it installs, 0 to 23.", { max: 23 }).exactOptional(),
  }).refine(
    (p) =>
      p.auto_update === "install" ||
      (p.scheduled_day === undefined && p.scheduled_time === undefined),
    { path: ["auto_update"], message: "must be install where a day or an hour is said" },
  );

type Params = z.output<ReturnType<typeof params>>;

const policy = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate";
const auto = `${policy}\\AU`;

type Setting = readonly [field: string, key: string, name: string, wish: RegistryValue | undefined];

/** Every value, with what it shall be. Undefined: not there. What the policy does not speak of is not in it. */
function settingsOf(p: Params): readonly Setting[] {
  const gone = p.state === "absent";
  const word = (data: string): RegistryValue => ({ kind: "dword", data });
  const when = (wanted: boolean, settings: readonly Setting[]) => (gone || wanted ? settings : []);
  const { wsus_server: server, auto_update: way, scheduled_day: day, scheduled_time: hour } = p;
  const address =
    server === undefined || gone ? undefined : ({ kind: "string", data: server } as const);
  const automatic = way !== undefined && way !== "off" ? word(ways[way]) : undefined;
  return [
    ...when(server !== undefined, [
      ["wsus_server", policy, "WUServer", address],
      ["status_server", policy, "WUStatusServer", address],
      ["use_wsus", auto, "UseWUServer", gone ? undefined : word("1")],
    ]),
    ...when(way !== undefined, [
      ["auto_update", auto, "NoAutoUpdate", gone ? undefined : word(way === "off" ? "1" : "0")],
      ["auto_update_way", auto, "AUOptions", gone ? undefined : automatic],
    ]),
    ...when(day !== undefined, [
      [
        "scheduled_day",
        auto,
        "ScheduledInstallDay",
        gone || day === undefined ? undefined : word(String(days.indexOf(day))),
      ],
    ]),
    ...when(hour !== undefined, [
      ["scheduled_time", auto, "ScheduledInstallTime", gone ? undefined : word(String(hour))],
    ]),
  ];
}

export const windowsUpdate = defineResource<Params>({
  name: "windows_update",
  summary: "Keeps where Windows gets its updates, and when.",
  platforms: ["windows"],
  params,
  claims: () => [{ id: "windows_update" }],

  async check(p, host) {
    const settings = settingsOf(p);
    if (settings.length === 0) return [];
    const states = await registryStates(
      host,
      settings.map(([, key, name]) => ({ key, name })),
    );
    return settings.flatMap(([field, , , wish], index): readonly Change[] =>
      differing(field, textOf(states[index]?.value), textOf(wish)),
    );
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    for (const [field, key, name, wish] of settingsOf(p)) {
      if (!fields.has(field)) continue;
      if (wish === undefined) await removeRegistryValue(host, { key, name });
      else
        await writeRegistryValue(
          host,
          { key, name },
          { kind: wish.kind === "string" ? "string" : "dword", data: wish.data },
        );
    }
  },

  examples: [
    {
      title: "From a server of one's own, on Sundays at three",
      params: {
        wsus_server: "http://wsus.example.com:8530",
        auto_update: "install",
        scheduled_day: "sunday",
        scheduled_time: 3,
      },
    },
    { title: "As Windows has it", params: { state: "absent" } },
  ],
});

/** A number and the text of it mean the same to Windows Update only by their kind. */
const textOf = (value: RegistryValue | undefined): string | undefined =>
  value === undefined
    ? undefined
    : value.kind === "string" || value.kind === "dword"
      ? String(value.data)
      : `${value.data} (${value.kind})`;
