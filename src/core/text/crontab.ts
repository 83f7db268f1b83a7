/** Times and jobs as crontab(5) has them. Must not know where crontabs are. */
import { lineEndOf } from "./splice.ts";

const names = {
  month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

const ranges = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  month: [1, 12],
  weekday: [0, 7],
} as const;

export type TimeField = keyof typeof ranges;
export const timeFields = ["minute", "hour", "day", "month", "weekday"] as const;

/** Is this what cron takes for one of its five fields: `*`, numbers, ranges, steps, lists of them, names? */
export const isTimeField = (field: TimeField, written: string): boolean =>
  written.split(",").every((part) => isPart(field, part));

function isPart(field: TimeField, part: string): boolean {
  const [, range = "", step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  if (range === "" || step === "0" || step === "00") return false;
  if (range === "*") return true;
  const ends = range.split("-").map((end) => valueOfTime(field, end));
  const [from, to = from] = ends;
  return (
    ends.length <= 2 &&
    from !== undefined &&
    to !== undefined &&
    from <= to &&
    (step === undefined || ends.length === 2)
  );
}

function valueOfTime(field: TimeField, written: string): number | undefined {
  const named =
    field === "month" || field === "weekday" ? names[field].indexOf(written.toLowerCase()) : -1;
  if (named >= 0) return named + ranges[field][0];
  const [least, most] = ranges[field];
  const number = /^\d{1,2}$/.test(written) ? Number(written) : undefined;
  return number !== undefined && number >= least && number <= most ? number : undefined;
}

const nicknames = /^@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)$/;

/** Five fields, or a nickname like `@daily`. */
export function isSchedule(written: string): boolean {
  const fields = written.trim().split(/\s+/);
  if (fields.length === 1) return nicknames.test(written.trim());
  return fields.length === 5 && timeFields.every((name, at) => isTimeField(name, fields[at] ?? ""));
}

/** A percent sign ends the command for cron unless it is escaped. */
export const escapedCommand = (command: string): string => command.replace(/\\?%/g, "\\%");

const markOf = (id: string) => `# vigo: ${id}`;

/** The line below a job's mark; undefined where there is no such mark, empty where nothing is below it. */
export function jobIn(crontab: string, id: string): string | undefined {
  const lines = crontab.split(/\r?\n/);
  const at = lines.indexOf(markOf(id));
  return at < 0 ? undefined : (lines[at + 1] ?? "");
}

/** The crontab with a job under its mark, at its end when it is new. cron wants a line end at the end. */
export function withJob(crontab: string, id: string, line: string): string {
  const end = lineEndOf(crontab);
  const lines = crontab.split(end);
  const at = lines.indexOf(markOf(id));
  if (at >= 0) {
    const kept = lines.with(at + 1 < lines.length ? at + 1 : at, line);
    const all = at + 1 < lines.length ? kept : [...lines, line];
    return ended(all.join(end), end);
  }
  return `${crontab === "" ? "" : ended(crontab, end)}${markOf(id)}${end}${line}${end}`;
}

const ended = (text: string, end: string) => (text.endsWith("\n") ? text : text + end);

export function withoutJob(crontab: string, id: string): string {
  const end = lineEndOf(crontab);
  const lines = crontab.split(end);
  const at = lines.indexOf(markOf(id));
  return at < 0 ? crontab : lines.toSpliced(at, 2).join(end);
}
