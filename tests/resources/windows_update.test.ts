import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { windowsUpdate } from "../../src/core/resources/windows_update.ts";
import { readingScript } from "../../src/core/tools/registry.ts";
import { type Case, cases } from "../support/cases.ts";
import { powershellLine, windows as os } from "../support/powershell.ts";

const policy = "SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate";
const auto = `${policy}\\AU`;
const all = [
  ["WUServer", policy],
  ["WUStatusServer", policy],
  ["UseWUServer", auto],
  ["NoAutoUpdate", auto],
  ["AUOptions", auto],
  ["ScheduledInstallDay", auto],
  ["ScheduledInstallTime", auto],
] as const;
const opened = (key: string) =>
  `[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine','Registry64').CreateSubKey('${key}',$true)`;

type Values = Readonly<Record<string, string | number>>;

/** A registry with these values; what is set or removed in it is found again. */
function row(
  asked: readonly string[],
  before: Values,
  after: Values,
  scripts: readonly string[],
  wish: Record<string, unknown>,
  says: Case["says"],
): Case {
  const places = all.filter(([name]) => asked.includes(name));
  const ask = readingScript(places.map(([name, key]) => ({ key: `HKLM\\${key}`, name })));
  const told = (values: Values) =>
    JSON.stringify(
      places.map(([name]) => {
        const data = values[name];
        if (data === undefined) return { key: true };
        return { key: true, kind: typeof data === "number" ? "DWord" : "String", data: `${data}` };
      }),
    );
  const lines = scripts.map(powershellLine);
  return {
    given: {
      os,
      files: { done: "" },
      commands: {
        [powershellLine(ask)]: (files) =>
          told(files.get("done")?.length === lines.length ? after : before),
        ...Object.fromEntries(
          lines.map((line) => [
            line,
            (files: Map<string, string>) => {
              files.set("done", `${files.get("done")}x`);
              return "";
            },
          ]),
        ),
      },
    },
    wish,
    does: lines.map((line) => `run ${line}`),
    ...(says && { says }),
  };
}

const server = "http://wsus.example.com:8530";
const names = all.map(([name]) => name);
const full = {
  WUServer: server,
  WUStatusServer: server,
  UseWUServer: 1,
  NoAutoUpdate: 0,
  AUOptions: 4,
  ScheduledInstallDay: 1,
  ScheduledInstallTime: 3,
};
const wish = {
  wsus_server: server,
  auto_update: "install",
  scheduled_day: "sunday",
  scheduled_time: 3,
};

cases(windowsUpdate, {
  "from nothing": row(
    names,
    {},
    full,
    [
      `${opened(policy)}.SetValue('WUServer','${server}','String')`,
      `${opened(policy)}.SetValue('WUStatusServer','${server}','String')`,
      `${opened(auto)}.SetValue('UseWUServer',[int]1,'DWord')`,
      `${opened(auto)}.SetValue('NoAutoUpdate',[int]0,'DWord')`,
      `${opened(auto)}.SetValue('AUOptions',[int]4,'DWord')`,
      `${opened(auto)}.SetValue('ScheduledInstallDay',[int]1,'DWord')`,
      `${opened(auto)}.SetValue('ScheduledInstallTime',[int]3,'DWord')`,
    ],
    wish,
    {
      wsus_server: [undefined, server],
      status_server: [undefined, server],
      use_wsus: [undefined, "1"],
      auto_update: [undefined, "0"],
      auto_update_way: [undefined, "4"],
      scheduled_day: [undefined, "1"],
      scheduled_time: [undefined, "3"],
    },
  ),
  "only what differs": row(
    names,
    { ...full, ScheduledInstallTime: 4 },
    full,
    [`${opened(auto)}.SetValue('ScheduledInstallTime',[int]3,'DWord')`],
    wish,
    { scheduled_time: ["4", "3"] },
  ),
  "as it is": row(names, full, full, [], wish, {}),
  "switched off": row(
    ["NoAutoUpdate", "AUOptions"],
    { NoAutoUpdate: 0, AUOptions: 4 },
    { NoAutoUpdate: 1 },
    [
      `${opened(auto)}.SetValue('NoAutoUpdate',[int]1,'DWord')`,
      `${opened(auto)}.DeleteValue('AUOptions',$false)`,
    ],
    { auto_update: "off" },
    { auto_update: ["0", "1"], auto_update_way: ["4", undefined] },
  ),
  gone: row(
    names,
    { UseWUServer: 1, NoAutoUpdate: 0 },
    {},
    [
      `${opened(auto)}.DeleteValue('UseWUServer',$false)`,
      `${opened(auto)}.DeleteValue('NoAutoUpdate',$false)`,
    ],
    { state: "absent" },
    { use_wsus: ["1", undefined], auto_update: ["0", undefined] },
  ),
});

test.each([
  [{ wsus_server: "wsus" }, "wsus_server: must be an http"],
  [{ auto_update: "notify", scheduled_time: 3 }, "auto_update: must be install"],
  [{ auto_update: "install", scheduled_time: 24 }, "scheduled_time: must be"],
])("refuses %j", (given, message) => {
  const { error } = windowsUpdate.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});
