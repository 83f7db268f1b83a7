/**
 * The `cron` type: one job, in a file of its own under /etc/cron.d or in a user's crontab. Must not touch other jobs. cron
 * looks for changed files by itself every minute, so that nothing is told.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, owner, pairs, parameters, shell, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import {
  escapedCommand,
  isSchedule,
  isTimeField,
  jobIn,
  type TimeField,
  timeFields,
  withJob,
  withoutJob,
} from "../text/crontab.ts";
import { unifiedDiff } from "../text/diff.ts";
import { parseLines, printLines } from "../text/lines.ts";
import { editing } from "../tools/edited-file.ts";
import { fileText } from "../tools/file-text.ts";
import { editableText } from "../tools/structured-file.ts";

const field = (description: string) =>
  text(description, {
    pattern: /^[0-9A-Za-z*,/-]+$/,
    wanted: "*, numbers, ranges, lists or steps as in crontab(5)",
  }).exactOptional();

const isField = (name: TimeField, written: string | undefined) =>
  written === undefined || isTimeField(name, written);

const params = () =>
  parameters({
    cron: text("Name of the job, and of its file.", {
      pattern: /^[A-Za-z0-9_-]{1,100}$/,
      wanted: "letters, digits, _ and -: cron passes over other file names",
    }),
    state: choice("Absent removes the job.", ["present", "absent"]).default("present"),
    command: shell(
      "What to run, one line; percent signs are escaped for cron. Needed unless `state` is absent.",
    ).exactOptional(),
    schedule: text("All five fields (`*/5 * * * *`), or `@daily` and its like.").exactOptional(),
    minute: field("0 to 59, `*`, ranges, lists, steps."),
    hour: field("0 to 23."),
    day: field("Day of the month, 1 to 31."),
    month: field("1 to 12, or `jan` to `dec`."),
    weekday: field("0 to 7 with Sunday both, or `sun` to `sat`."),
    user: owner("Account the job runs as.").default("root"),
    environment: pairs("Variables of the job, like MAILTO.").exactOptional(),
    file: choice(
      "Where the job is kept: a file of its own in `/etc/cron.d`, or the user's crontab.",
      ["cron.d", "crontab"],
    ).default("cron.d"),
  })
    .refine((p) => p.state === "absent" || (p.command !== undefined && !/[\r\n]/.test(p.command)), {
      path: ["command"],
      message: "is required unless state is absent, and is one line",
    })
    .superRefine((p, context) => {
      // Each at its own place: what a template stands in is judged when it is rendered.
      for (const name of timeFields)
        if (!isField(name, p[name]))
          context.addIssue({ code: "custom", path: [name], message: `must be ${ranges[name]}` });
    })
    .refine((p) => p.schedule === undefined || isSchedule(p.schedule), {
      path: ["schedule"],
      message: "must be five fields as in crontab(5), or @daily and its like",
    })
    .refine(
      (p) =>
        p.state === "absent" ||
        (p.schedule === undefined) === timeFields.some((name) => p[name] !== undefined),
      {
        path: ["schedule"],
        message: "write either schedule, or one or more of minute, hour, day, month, weekday",
      },
    )
    .refine((p) => Object.values(p.environment ?? {}).every((value) => !/[\r\n]/.test(value)), {
      path: ["environment"],
      message: "values are one line each",
    });

const ranges: Readonly<Record<(typeof timeFields)[number], string>> = {
  minute: "0 to 59",
  hour: "0 to 23",
  day: "1 to 31",
  month: "1 to 12 or jan to dec",
  weekday: "0 to 7 or sun to sat",
};

type Params = z.output<ReturnType<typeof params>>;

export const cron = defineResource<Params>({
  name: "cron",
  summary: "Runs a command at set times.",
  platforms: ["linux"],
  params,
  main: "cron",
  lane: editing,
  claims: (p) =>
    p.file === "cron.d"
      ? [{ id: `file:${ownFile(p)}` }]
      : [{ id: `crontab:${p.user}`, part: p.cron }],
  after: (p) => [
    ...(/^\d+$/.test(p.user) ? [] : [`user:${p.user}`]),
    "package:cron",
    "package:cronie",
  ],

  async check(p, host) {
    const at = await place(p, host);
    if (at === undefined)
      return p.state === "absent" ? [] : differing("job", undefined, jobLine(p));
    const text = await stored(p, host, at);
    return [...jobChange(p, text), ...(await modeChange(p, host, text))];
  },

  async apply(p, host, changes) {
    const at = await place(p, host);
    if (at === undefined)
      throw new VigoError("failed", `no user ${p.user} on this machine, or no cron`, {
        hint: "declare the user, and the package of cron",
      });
    const text = await stored(p, host, at);
    const after = wanted(p, text);
    if (after === undefined) await host.remove(at);
    else if (changes.every((change) => change.field === "mode")) await host.chmod(at, 0o644);
    else await host.write(at, new TextEncoder().encode(after), await rights(p, host, text));
  },

  examples: [
    {
      title: "Every night",
      params: { cron: "backup", command: "/usr/local/bin/backup --all", minute: "30", hour: "2" },
    },
    {
      title: "In a user's crontab",
      params: {
        cron: "fetch",
        command: "fetch-mail",
        schedule: "*/5 * * * *",
        user: "dana",
        file: "crontab",
      },
    },
    { title: "No such job", params: { cron: "backup", state: "absent" } },
  ],
});

const ownFile = (p: Params) => `/etc/cron.d/${p.cron}`;

const spools = ["/var/spool/cron/crontabs", "/var/spool/cron/tabs", "/var/spool/cron"];

/** Undefined while the user or cron itself is not there. */
async function place(p: Params, host: ReadHost): Promise<string | undefined> {
  if (p.file === "cron.d") return ownFile(p);
  const name = (await host.user(p.user))?.name;
  if (name === undefined) return undefined;
  for (const spool of spools) if ((await host.stat(spool)) !== undefined) return `${spool}/${name}`;
  return undefined;
}

/** A crontab holds jobs of others, so that one that is no text is refused. A file of our own is made anew, whatever it was. */
const stored = (p: Params, host: ReadHost, at: string): Promise<string | undefined> =>
  p.file === "crontab" ? editableText(host, at) : fileText(host, at);

const times = (p: Params) =>
  p.schedule?.trim() ?? timeFields.map((name) => p[name] ?? "*").join(" ");

/** In a user's crontab a variable line would be for all jobs below it, so that there the shell sets them. */
function jobLine(p: Params): string {
  const command = p.command ?? "";
  if (p.file === "cron.d") return `${times(p)} ${p.user} ${escapedCommand(command)}`;
  const set = Object.entries(p.environment ?? {}).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'; `,
  );
  return `${times(p)} ${escapedCommand(set.join("") + command)}`;
}

/** The whole file afterwards; undefined where none is to be. */
function wanted(p: Params, text: string | undefined): string | undefined {
  if (p.file === "crontab") {
    if (text === undefined && p.state === "absent") return undefined;
    const doc = parseLines(text ?? "");
    return printLines(
      p.state === "absent" ? withoutJob(doc, p.cron) : withJob(doc, p.cron, jobLine(p)),
    );
  }
  if (p.state === "absent") return undefined;
  const variables = Object.entries(p.environment ?? {}).map(
    ([name, value]) => `${name}="${value}"\n`,
  );
  return `# Kept by Vigo.\n${variables.join("")}${jobLine(p)}\n`;
}

function jobChange(p: Params, text: string | undefined): readonly Change[] {
  const after = wanted(p, text);
  if (after === text) return [];
  const from =
    p.file === "crontab"
      ? jobIn(parseLines(text ?? ""), p.cron)
      : text?.trimEnd().split("\n").at(-1);
  const to = p.state === "absent" ? undefined : jobLine(p);
  const encoded = (one: string | undefined) => new TextEncoder().encode(one ?? "");
  const diff = unifiedDiff(encoded(text), encoded(after));
  return [{ field: "job", from, to, cause: "intent", ...(diff !== undefined && { diff }) }];
}

/** cron passes over a file that others may write. */
async function modeChange(
  p: Params,
  host: ReadHost,
  text: string | undefined,
): Promise<readonly Change[]> {
  if (p.file === "crontab" || p.state === "absent" || text === undefined) return [];
  const there = await host.stat(ownFile(p));
  return differing("mode", there?.mode.toString(8), (0o644).toString(8));
}

/** A crontab belongs to its user and to cron's group, and nobody else reads it. */
async function rights(p: Params, host: ReadHost, text: string | undefined) {
  if (p.file === "cron.d") return { mode: 0o644, uid: 0, gid: 0 };
  if (text !== undefined) return {};
  const [user, group] = [await host.user(p.user), await host.group("crontab")];
  const gid = group?.gid ?? user?.gid;
  return { mode: 0o600, ...(user && { uid: user.uid }), ...(gid !== undefined && { gid }) };
}
