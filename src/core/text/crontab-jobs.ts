/** Every job of a crontab(5). Must not know where crontabs are, nor which jobs are ours. */
import { isJob } from "./crontab.ts";

export interface CronJob {
  readonly user: string;
  /** Five fields, or a nickname. */
  readonly schedule: string;
  readonly command: string;
}

const longest = 500;
const time = String.raw`[\d*/,A-Za-z~-]+`;
const row = new RegExp(String.raw`^\s*(@\w+|(?:${time}[ \t]+){4}${time})[ \t]+(.+)$`);

/** The system's tables have the account as sixth field; a user's own have none. Assignments and comments are no jobs. */
export function jobsIn(text: string, owner?: string): readonly CronJob[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (!isJob(line)) return [];
    const [, schedule = "", rest = ""] = row.exec(line) ?? [];
    const [, user = "", command = ""] =
      owner === undefined ? (/^(\S+)[ \t]+(.+)$/.exec(rest) ?? []) : [rest, owner, rest];
    if (command.trim() === "") return [];
    return [
      {
        user,
        schedule: schedule.replace(/[ \t]+/g, " "),
        command: command.trim().slice(0, longest),
      },
    ];
  });
}
