/** Every job of a crontab(5). Must not know where crontabs are, nor which jobs are ours. */
import { redacted } from "../redact.ts";
import { isJob } from "./crontab.ts";
import { headOf } from "./cut.ts";

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
        command: headOf(withoutPasswords(command.trim()), longest),
      },
    ];
  });
}

const value = String.raw`(?:"[^"]*"|'[^']*'|[^\s"';&|]+)`;
const named = "(?:pass(?:word|wd|phrase)?|pwd|token|secret|api[_-]?key)";
/** What stands before a password, which tells that it is one; then the password. */
const telling: readonly RegExp[] = [
  /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,100}:)[^\s/@]+(?=@)/gi,
  new RegExp(String.raw`(${named}[ \t]?[=:][ \t]?)${value}`, "gi"),
  new RegExp(String.raw`(--${named}[ \t]+)${value}`, "gi"),
  new RegExp(String.raw`([ \t](?:-u|--user)[ \t=][^\s:"']{1,100}:)${value}`, "g"),
];

/** A crontab is for its account alone, and what is told of it is not: a password that is known by what stands before it goes. */
const withoutPasswords = (command: string): string =>
  telling.reduce((text, password) => text.replace(password, `$1${redacted}`), command);
