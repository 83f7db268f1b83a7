/**
 * The `scheduled_task` type: a command that Windows runs at set times. Must not know how triggers are spelt. Sources:
 * Register-ScheduledTask, Get-ScheduledTask (learn.microsoft.com).
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, flag, list, parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { windowsWord } from "../text/windows-words.ts";
import { askPowershell, isRecord, quoted, tellPowershell } from "../tools/powershell.ts";
import {
  canonicalSchedule,
  schedulePattern,
  scheduleOf,
  triggerFor,
} from "../tools/task-schedule.ts";

const params = () =>
  parameters({
    task: text("Its name, below folders where it has some: `Vigo\\Backup`.", {
      pattern: /^[^\\/:*?"<>|\p{Cc}]{1,100}(?:\\[^\\/:*?"<>|\p{Cc}]{1,100}){0,8}$/u,
      wanted: "a name, with folders before it and a backslash between",
    }),
    state: choice("Absent removes the task.", ["present", "absent"]).default("present"),
    command: list(
      "What it runs, word by word. Needed unless `state` is absent.",
      text("A word of the command."),
    )
      .min(1)
      .exactOptional(),
    schedule: text(
      "When: `daily 02:30`, `weekly mon,fri 02:30`, `every 15m`, `every 2h`, `startup`, `logon`, `once 2027-01-31T02:30`. Needed unless `state` is absent.",
      { pattern: schedulePattern, wanted: "like daily 02:30, weekly mon,fri 02:30 or every 15m" },
    ).exactOptional(),
    user: text("Account it runs as, without anybody being logged in.", {
      pattern: /^[^"<>|\p{Cc}]{1,100}$/u,
      wanted: "an account, like SYSTEM or EXAMPLE\\backup",
    }).default("SYSTEM"),
    enabled: flag("Whether it runs at its times.").default(true),
  })
    .refine((p) => p.state === "absent" || p.command !== undefined, {
      path: ["command"],
      message: "is required unless state is absent",
    })
    .refine((p) => p.state === "absent" || p.schedule !== undefined, {
      path: ["schedule"],
      message: "is required unless state is absent",
    });

type Params = z.output<ReturnType<typeof params>>;

interface Task {
  readonly execute: string;
  readonly arguments: string;
  readonly schedule: string;
  readonly user: string;
  readonly enabled: boolean;
}

export const scheduledTask = defineResource<Params>({
  name: "scheduled_task",
  summary: "Runs a command of Windows at set times.",
  platforms: ["windows"],
  params,
  main: "task",
  claims: (p) => [{ id: `scheduled_task:${p.task.toLowerCase()}` }],

  async check(p, host) {
    const now = await taskOf(p, host);
    if (p.state === "absent") return differing("task", now && "present", undefined);
    const wish = wished(p);
    return [
      ...differing("command", now && commandOf(now), commandOf(wish)),
      ...differing("schedule", now?.schedule, wish.schedule),
      ...(isSameAccount(now?.user, wish.user) ? [] : differing("user", now?.user, wish.user)),
      ...differing("enabled", now && `${now.enabled}`, `${wish.enabled}`),
    ];
  },

  async apply(p, host) {
    await tellPowershell(host, p.state === "absent" ? removal(p) : registration(p));
  },

  examples: [
    {
      title: "Every night",
      params: {
        task: "Vigo\\Backup",
        command: ["C:\\Tools\\backup.exe", "--all"],
        schedule: "daily 02:30",
      },
    },
    { title: "Not any more", params: { task: "Vigo\\Backup", state: "absent" } },
  ],
});

/** Windows tells a domain or leaves it out as it likes; two that are told must be the same. */
function isSameAccount(now: string | undefined, wish: string): boolean {
  if (now === undefined) return false;
  const [a, b] = [now, wish].map((name) => name.toLowerCase().split("\\"));
  const both = a?.length === b?.length;
  return both ? String(a) === String(b) : a?.at(-1) === b?.at(-1);
}

const commandOf = (task: Pick<Task, "execute" | "arguments">): string =>
  `${task.execute} ${task.arguments}`.trim();

function wished(p: Params): Task {
  const { command = [], schedule = "", user, enabled } = p;
  const [execute = "", ...words] = command;
  const line = words.map(windowsWord).join(" ");
  return { execute, arguments: line, schedule: canonicalSchedule(schedule), user, enabled };
}

/** Folders begin and end with a backslash. */
function placeOf({ task }: Params): { readonly name: string; readonly path: string } {
  const at = task.lastIndexOf("\\");
  return { name: task.slice(at + 1), path: at < 0 ? "\\" : `\\${task.slice(0, at)}\\` };
}

const named = (p: Params): string => {
  const { name, path } = placeOf(p);
  return `-TaskName ${quoted(name)} -TaskPath ${quoted(path)}`;
};

const question = (p: Params): string =>
  [
    `$t=Get-ScheduledTask ${named(p)} -ErrorAction SilentlyContinue;`,
    "if($null -eq $t){'null'} else {",
    "$g=@($t.Triggers | ForEach-Object { @{class=$_.CimClass.CimClassName;start=$_.StartBoundary;every=$_.DaysInterval;days=$_.DaysOfWeek;weeks=$_.WeeksInterval;interval=$_.Repetition.Interval;enabled=$_.Enabled} });",
    "$a=@($t.Actions | ForEach-Object { @{execute=$_.Execute;arguments=$_.Arguments} });",
    "ConvertTo-Json -Compress -Depth 4 -InputObject @{triggers=$g;actions=$a;user=$t.Principal.UserId;enabled=[bool]$t.Settings.Enabled} }",
  ].join(" ");

async function taskOf(p: Params, host: ReadHost): Promise<Task | undefined> {
  const answer = await askPowershell(host, question(p));
  if (answer === null) return undefined;
  if (!isRecord(answer) || !Array.isArray(answer["actions"]) || !Array.isArray(answer["triggers"]))
    throw new VigoError("failed", `what Windows says of the task ${p.task} cannot be read`);
  const { actions, triggers, user, enabled } = answer;
  const [action, ...others] = actions as readonly unknown[];
  const one = isRecord(action) ? action : {};
  return {
    execute: textOf(one["execute"]),
    arguments: others.length === 0 ? textOf(one["arguments"]) : `and ${others.length} more actions`,
    schedule: (triggers as readonly unknown[]).map(scheduleOf).join(" and ") || "never",
    user: textOf(user),
    enabled: enabled === true,
  };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function registration(p: Params): string {
  const { execute, arguments: line, user, enabled } = wished(p);
  const logon = /^(?:SYSTEM|LOCAL SERVICE|NETWORK SERVICE)$/i.test(user) ? "ServiceAccount" : "S4U";
  return [
    `$a=New-ScheduledTaskAction -Execute ${quoted(execute)}${line === "" ? "" : ` -Argument ${quoted(line)}`};`,
    `$g=${triggerFor(p.schedule ?? "")};`,
    `$p=New-ScheduledTaskPrincipal -UserId ${quoted(user)} -LogonType ${logon} -RunLevel Highest;`,
    `$s=New-ScheduledTaskSettingsSet${enabled ? "" : " -Disable"} -StartWhenAvailable;`,
    `$null=Register-ScheduledTask ${named(p)} -Action $a -Trigger $g -Principal $p -Settings $s -Force`,
  ].join(" ");
}

const removal = (p: Params): string => `Unregister-ScheduledTask ${named(p)} -Confirm:$false`;
