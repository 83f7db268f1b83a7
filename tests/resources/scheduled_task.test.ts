import { describe, expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { scheduledTask } from "../../src/core/resources/scheduled_task.ts";
import { windowsWord } from "../../src/core/text/windows-words.ts";
import { canonicalSchedule, scheduleOf, triggerFor } from "../../src/core/tools/task-schedule.ts";
import { type Case, cases } from "../support/cases.ts";
import { powershellLine, windows as os } from "../support/powershell.ts";

const ask = powershellLine(
  "$t=Get-ScheduledTask -TaskName 'Backup' -TaskPath '\\Vigo\\' -ErrorAction SilentlyContinue; if($null -eq $t){'null'} else { $g=@($t.Triggers | ForEach-Object { @{class=$_.CimClass.CimClassName;start=$_.StartBoundary;every=$_.DaysInterval;days=$_.DaysOfWeek;weeks=$_.WeeksInterval;interval=$_.Repetition.Interval;enabled=$_.Enabled} }); $a=@($t.Actions | ForEach-Object { @{execute=$_.Execute;arguments=$_.Arguments} }); ConvertTo-Json -Compress -Depth 4 -InputObject @{triggers=$g;actions=$a;user=$t.Principal.UserId;enabled=[bool]$t.Settings.Enabled} }",
);
const register = (action: string, trigger: string, principal: string, settings: string) =>
  powershellLine(
    `$a=New-ScheduledTaskAction ${action}; $g=New-ScheduledTaskTrigger ${trigger}; $p=New-ScheduledTaskPrincipal ${principal} -RunLevel Highest; $s=New-ScheduledTaskSettingsSet${settings} -StartWhenAvailable; $null=Register-ScheduledTask -TaskName 'Backup' -TaskPath '\\Vigo\\' -Action $a -Trigger $g -Principal $p -Settings $s -Force`,
  );

const daily = {
  class: "MSFT_TaskDailyTrigger",
  start: "2026-11-21T02:30:00",
  every: 1,
  enabled: true,
};
const task = (more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    triggers: [daily],
    actions: [{ execute: "C:\\Tools\\backup.exe", arguments: '--all "C:\\My data"' }],
    user: "SYSTEM",
    enabled: true,
    ...more,
  });
const wish = {
  task: "Vigo\\Backup",
  command: ["C:\\Tools\\backup.exe", "--all", "C:\\My data"],
  schedule: "daily 02:30",
};
const asWished = register(
  "-Execute 'C:\\Tools\\backup.exe' -Argument '--all \"C:\\My data\"'",
  "-Daily -At '02:30'",
  "-UserId 'SYSTEM' -LogonType ServiceAccount",
  "",
);

const row = (
  before: string,
  write: string,
  after: string,
  more: Readonly<Record<string, unknown>> = {},
  says?: Case["says"],
): Case => ({
  given: {
    os,
    files: { task: before },
    commands: {
      [ask]: (files) => files.get("task") ?? "",
      [write]: (files) => {
        files.set("task", after);
        return "";
      },
    },
  },
  wish: { ...wish, ...more },
  does: before === after ? [] : [`run ${write}`],
  ...(says && { says }),
});

cases(scheduledTask, {
  "a new task": row(
    "null",
    asWished,
    task(),
    {},
    {
      command: [undefined, 'C:\\Tools\\backup.exe --all "C:\\My data"'],
      schedule: [undefined, "daily 02:30"],
      user: [undefined, "SYSTEM"],
      enabled: [undefined, "true"],
    },
  ),
  "as it is": row(task(), "", task()),
  "another time": row(
    task({ triggers: [{ ...daily, start: "2026-11-21T03:00:00" }] }),
    asWished,
    task(),
    {},
    {
      schedule: ["daily 03:00", "daily 02:30"],
    },
  ),
  "switched off by hand": row(
    task({ enabled: false }),
    asWished,
    task(),
    {},
    {
      enabled: ["false", "true"],
    },
  ),
  "a second trigger": row(
    task({ triggers: [daily, { class: "MSFT_TaskBootTrigger", enabled: true }] }),
    asWished,
    task(),
    {},
    { schedule: ["daily 02:30 and startup", "daily 02:30"] },
  ),
  "a trigger that is switched off": row(
    task({ triggers: [{ ...daily, enabled: false }] }),
    asWished,
    task(),
    {},
    {
      schedule: ["another: MSFT_TaskDailyTrigger, disabled", "daily 02:30"],
    },
  ),
  "a second action": row(
    task({ actions: [{ execute: "a.exe", arguments: null }, { execute: "b.exe" }] }),
    asWished,
    task(),
  ),
  "of an account, told without its domain": row(
    task({ user: "backup" }),
    "",
    task({ user: "backup" }),
    { user: "EXAMPLE\\backup" },
  ),
  "of another account, kept off, for cmd.exe": row(
    task(),
    register(
      "-Execute 'cmd.exe' -Argument '/c \"echo it''s\"'",
      "-Once -At '2000-01-01T00:00' -RepetitionInterval (New-TimeSpan -Minutes 120)",
      "-UserId 'EXAMPLE\\backup' -LogonType S4U",
      " -Disable",
    ),
    task({
      actions: [{ execute: "cmd.exe", arguments: '/c "echo it\'s"' }],
      triggers: [
        {
          class: "MSFT_TaskTimeTrigger",
          start: "2000-01-01T00:00:00",
          interval: "PT2H",
          enabled: true,
        },
      ],
      user: "EXAMPLE\\backup",
      enabled: false,
    }),
    {
      command: ["cmd.exe", "/c", "echo it's"],
      schedule: "every 2h",
      user: "EXAMPLE\\backup",
      enabled: false,
    },
    {
      command: ['C:\\Tools\\backup.exe --all "C:\\My data"', 'cmd.exe /c "echo it\'s"'],
      schedule: ["daily 02:30", "every 120m"],
      user: ["SYSTEM", "EXAMPLE\\backup"],
      enabled: ["true", "false"],
    },
  ),
  gone: row(
    task(),
    powershellLine(
      "Unregister-ScheduledTask -TaskName 'Backup' -TaskPath '\\Vigo\\' -Confirm:$false",
    ),
    "null",
    { state: "absent" },
    { task: ["present", undefined] },
  ),
  "an answer in another shape": {
    given: { os, commands: { [ask]: "{}" } },
    wish,
    does: [],
    ends: "failed",
    because: "cannot be read",
  },
});

describe("a schedule", () => {
  const week = { class: "MSFT_TaskWeeklyTrigger", start: "2026-01-01T02:30:00", weeks: 1 };
  const time = { class: "MSFT_TaskTimeTrigger", start: "2027-01-31T02:30:00+01:00" };
  test.each([
    [
      "weekly fri,mon 02:30",
      "-Weekly -DaysOfWeek Monday,Friday -At '02:30'",
      { ...week, days: 34 },
    ],
    [
      "weekly sun,sat 23:59",
      "-Weekly -DaysOfWeek Sunday,Saturday -At '23:59'",
      { ...week, start: "2026-01-01T23:59:00", days: 65 },
    ],
    ["once 2027-01-31T02:30", "-Once -At '2027-01-31T02:30'", { ...time, interval: null }],
    [
      "every 1h",
      "-Once -At '2000-01-01T00:00' -RepetitionInterval (New-TimeSpan -Minutes 60)",
      { ...time, interval: "PT1H" },
    ],
    [
      "every 1440m",
      "-Once -At '2000-01-01T00:00' -RepetitionInterval (New-TimeSpan -Minutes 1440)",
      { ...time, interval: "P1D" },
    ],
    [
      "every 90m",
      "-Once -At '2000-01-01T00:00' -RepetitionInterval (New-TimeSpan -Minutes 90)",
      { ...time, interval: "PT1H30M" },
    ],
    ["startup", "-AtStartup", { class: "MSFT_TaskBootTrigger" }],
    ["logon", "-AtLogOn", { class: "MSFT_TaskLogonTrigger" }],
  ])("%s is made and found again", (written, made, told) => {
    expect(triggerFor(written)).toBe(`New-ScheduledTaskTrigger ${made}`);
    expect(scheduleOf(told)).toBe(canonicalSchedule(written));
  });

  test.each([
    [{ ...daily, every: 2 }, "another: MSFT_TaskDailyTrigger"],
    [{ ...week, weeks: 2 }, "another: MSFT_TaskWeeklyTrigger"],
    [{ ...time, interval: "P1M" }, "another: MSFT_TaskTimeTrigger"],
    [{ class: "MSFT_TaskIdleTrigger" }, "another: MSFT_TaskIdleTrigger"],
    [undefined, "another: none"],
  ])("%j is none of ours", (told, words) => expect(scheduleOf(told)).toBe(words));
});

test.each([
  ["plain", "plain"],
  ["", '""'],
  ["two words", '"two words"'],
  ["C:\\My data\\", '"C:\\My data\\\\"'],
  ["C:\\data\\", "C:\\data\\"],
  ['say "hi"', '"say \\"hi\\""'],
  ['a\\"b', '"a\\\\\\"b"'],
])("%j stands in a command line as %j", (word, written) => expect(windowsWord(word)).toBe(written));

test.each([
  [{ task: "a/b", state: "absent" }, "task: must be a name"],
  [{ task: "a", schedule: "daily 02:30" }, "command: is required"],
  [{ task: "a", command: ["b"] }, "schedule: is required"],
  [{ task: "a", command: ["b"], schedule: "daily 25:00" }, "schedule: must be like"],
  [{ task: "a", command: ["b"], schedule: "every 0m" }, "schedule: must be like"],
])("refuses %j", (given, message) => {
  const { error } = scheduledTask.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});
