/**
 * The `at_job` type: a command that runs once, at a time. Must not know whether it ran: when its time is over there is nothing
 * left to keep.
 */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, parameters, shell, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { type AtJob, atJobs, giveAtJob, takeBackAtJobs } from "../tools/at.ts";

const params = () =>
  parameters({
    at_job: text("Name of the job.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/,
      wanted: "letters, digits, _, . and -",
    }),
    state: choice("Absent takes the job back, if it has not run yet.", [
      "present",
      "absent",
    ]).default("present"),
    command: shell(
      "What root's shell runs; several lines are fine. Needed unless `state` is absent.",
    ).exactOptional(),
    at: text(
      "When, in the machine's local time, as `2030-12-31 23:59`. Once it is over there is nothing left to do.",
      {
        pattern: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[ T](?:[01]\d|2[0-3]):[0-5]\d$/,
        wanted: "a time like 2030-12-31 23:59",
      },
    ).exactOptional(),
  }).refine((p) => p.state === "absent" || (p.command !== undefined && p.at !== undefined), {
    path: ["command"],
    message: "command and at are required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const atJob = defineResource<Params>({
  name: "at_job",
  summary: "Runs a command once, at a time.",
  platforms: ["linux"],
  params,
  main: "at_job",
  lane: "at",
  claims: (p) => [{ id: `at_job:${p.at_job}` }],
  after: () => ["package:at", "service:atd"],

  async check(p, host) {
    const [first, ...more] = await atJobs(host, p.at_job);
    const wanted = wantedJob(p, host);
    if (wanted === undefined) return first === undefined ? [] : gone(first);
    return [
      ...differing("at", first && timeOf(first.minute), timeOf(wanted.minute)),
      ...differing("command", first?.command.trimEnd(), wanted.command.trimEnd()),
      ...(more.length === 0 ? [] : differing("copies", `${more.length + 1}`, "1")),
    ];
  },

  async apply(p, host) {
    await takeBackAtJobs(host, await atJobs(host, p.at_job));
    const wanted = wantedJob(p, host);
    if (wanted !== undefined)
      await giveAtJob(host, p.at_job, timeOf(wanted.minute).replace(/\D/g, ""), wanted.command);
  },

  examples: [
    {
      title: "One reboot, at night",
      params: { at_job: "reboot", at: "2030-03-01 03:30", command: "systemctl reboot" },
    },
    { title: "Never mind", params: { at_job: "reboot", state: "absent" } },
  ],
});

/** Undefined when none is wanted any more. */
function wantedJob(p: Params, host: ReadHost): Omit<AtJob, "id"> | undefined {
  if (p.state === "absent" || p.at === undefined || p.command === undefined) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minutes = 0] = p.at.split(/\D/).map(Number);
  const time = new Date(year, month - 1, day, hour, minutes).getTime();
  if (time <= host.now().getTime()) return undefined;
  return { minute: Math.floor(time / 60_000), command: p.command.replace(/\n*$/, "\n") };
}

/** Local, as people write it. */
function timeOf(minute: number): string {
  const at = new Date(minute * 60_000);
  const two = (number: number) => `${number}`.padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const gone = (job: AtJob): readonly Change[] => [
  ...differing("at", timeOf(job.minute), undefined),
  ...differing("command", job.command.trimEnd(), undefined),
];
