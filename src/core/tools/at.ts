/**
 * Jobs of at(1): read in the spool of atd, because `at -c` prints one at a time; given and taken back through at(1) and atrm(1).
 * A job is known by the marks around its command. Must not know which jobs are wanted.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";

export interface AtJob {
  readonly id: number;
  /** Minutes since 1970. */
  readonly minute: number;
  readonly command: string;
}

/** Debian, Red Hat, SUSE. */
const spools = ["/var/spool/cron/atjobs", "/var/spool/at", "/var/spool/atjobs"];

const marks = (name: string) => [`# vigo at_job ${name}\n`, `# end of at_job ${name}\n`] as const;

/** Jobs that were given under this name and wait for their time, the earliest first. */
export async function atJobs(host: ReadHost, name: string): Promise<readonly AtJob[]> {
  const jobs: AtJob[] = [];
  for (const spool of spools)
    for (const file of (await host.list(spool)) ?? []) {
      const place = jobPlace(file);
      const command = place && commandIn((await fileText(host, `${spool}/${file}`)) ?? "", name);
      if (place !== undefined && command !== undefined) jobs.push({ ...place, command });
    }
  return jobs.sort((a, b) => a.minute - b.minute);
}

/** A queue's letter, five hexadecimal digits of its number, eight of its minute; `=` is a job that runs just now. */
export function jobPlace(
  file: string,
): { readonly id: number; readonly minute: number } | undefined {
  const [, id, minute] = /^[A-Za-z]([0-9a-f]{5})([0-9a-f]{8})$/.exec(file) ?? [];
  if (id === undefined || minute === undefined) return undefined;
  return { id: Number.parseInt(id, 16), minute: Number.parseInt(minute, 16) };
}

export function commandIn(script: string, name: string): string | undefined {
  const [start, end] = marks(name);
  const from = script.indexOf(`\n${start}`);
  const to = script.indexOf(end, from);
  return from < 0 || to < 0 ? undefined : script.slice(from + 1 + start.length, to);
}

/** `time` is local, as `203012312359`. */
export async function giveAtJob(host: Host, name: string, time: string, command: string) {
  const [start, end] = marks(name);
  const argv = ["at", "-t", time];
  const result = await host.run({ argv, stdin: `${start}${command}${end}` });
  if (result.code === 127)
    throw new VigoError("failed", "there is no at on this machine", {
      hint: "declare the package at, and depend on it",
    });
  await mustSucceed(argv.join(" "), Promise.resolve(result));
}

export async function takeBackAtJobs(host: Host, jobs: readonly AtJob[]): Promise<void> {
  if (jobs.length === 0) return;
  const argv = ["atrm", ...jobs.map(({ id }) => `${id}`)];
  await mustSucceed(argv.join(" "), host.run({ argv }));
}
