/** Times and jobs as crontab(5) has them. Must not know where crontabs are. */
import { type Lines, without, withLines } from "./lines.ts";

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

/** Comments, blanks and variables are no jobs. */
export const isJob = (text: string): boolean => !/^\s*(?:#|$|[A-Za-z_"'][\w"']*\s*=)/.test(text);

interface Found {
  readonly mark: number;
  /** Undefined where somebody took the job away and left its mark. */
  readonly job: number | undefined;
}

/** More than one where somebody made copies. */
const foundIn = ({ lines }: Lines, id: string): readonly Found[] =>
  lines.flatMap(({ text }, mark) => {
    if (text.trimEnd() !== markOf(id)) return [];
    const next = lines[mark + 1];
    return [{ mark, job: next !== undefined && isJob(next.text) ? mark + 1 : undefined }];
  });

/** The line below a job's mark; undefined where there is no such mark, empty where no job is below it. */
export function jobIn(doc: Lines, id: string): string | undefined {
  const [found] = foundIn(doc, id);
  return found && (found.job === undefined ? "" : doc.lines[found.job]?.text);
}

/**
 * The crontab with a job under its mark, once, and at its end when it is new. For cron a carriage return is a part of the command,
 * and a text without a last line end is none: ours ends as cron wants it, whatever the others do.
 */
export function withJob(doc: Lines, id: string, line: string): Lines {
  const [found, ...copies] = foundIn(doc, id);
  const job = { text: line, end: "\n" };
  const lines =
    found === undefined
      ? [...doc.lines, { text: markOf(id), end: "\n" }, job]
      : doc.lines.toSpliced(found.mark + 1, found.job === undefined ? 0 : 1, job);
  const shift = lines.length - doc.lines.length;
  const surplus = new Set(copies.flatMap(placesOf).map((at) => at + shift));
  const once = without(withLines(doc, lines), (_, at) => surplus.has(at));
  return { ...once, ended: true };
}

export function withoutJob(doc: Lines, id: string): Lines {
  const gone = new Set(foundIn(doc, id).flatMap(placesOf));
  return without(doc, (_, at) => gone.has(at));
}

const placesOf = ({ mark, job }: Found) => (job === undefined ? [mark] : [mark, job]);
