/**
 * When a task of Windows runs: one line of text, as triggers of the task scheduler, and back from what it tells of them. Must not know
 * tasks. Source: New-ScheduledTaskTrigger and the MSFT_Task…Trigger classes (learn.microsoft.com).
 */
import { isRecord, quoted } from "./powershell.ts";

const weekdays: readonly string[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const longNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const time = "([01]\\d|2[0-3]):([0-5]\\d)";

/** `daily 02:30` · `weekly mon,fri 02:30` · `every 15m` · `startup` · `logon` · `once 2027-01-31T02:30`. */
export const schedulePattern = new RegExp(
  `^(?:daily ${time}|weekly (?:sun|mon|tue|wed|thu|fri|sat)(?:,(?:sun|mon|tue|wed|thu|fri|sat))* ${time}|every [1-9]\\d{0,3}[mh]|startup|logon|once \\d{4}-\\d\\d-\\d\\dT${time})$`,
);

/** Days in the order of the week, and minutes instead of whole hours: as `scheduleOf` gives it. */
export function canonicalSchedule(written: string): string {
  const [how = "", days = "", at = ""] = written.split(" ");
  if (how === "weekly")
    return `weekly ${weekdays.filter((day) => days.split(",").includes(day)).join(",")} ${at}`;
  if (how === "every") return `every ${minutesOf(days)}m`;
  return written;
}

const minutesOf = (span: string): number =>
  Number(span.slice(0, -1)) * (span.endsWith("h") ? 60 : 1);

/** The expression that makes the trigger. */
export function triggerFor(written: string): string {
  const [how = "", what = "", at = ""] = canonicalSchedule(written).split(" ");
  const make = "New-ScheduledTaskTrigger";
  if (how === "daily") return `${make} -Daily -At ${quoted(what)}`;
  if (how === "weekly") {
    const days = what.split(",").map((day) => longNames[weekdays.indexOf(day)]);
    return `${make} -Weekly -DaysOfWeek ${days.join(",")} -At ${quoted(at)}`;
  }
  if (how === "every")
    return `${make} -Once -At '2000-01-01T00:00' -RepetitionInterval (New-TimeSpan -Minutes ${minutesOf(what)})`;
  if (how === "once") return `${make} -Once -At ${quoted(what)}`;
  return how === "startup" ? `${make} -AtStartup` : `${make} -AtLogOn`;
}

/** What a trigger tells of itself, as one that is written here; anything else as `another: …`. */
export function scheduleOf(trigger: unknown): string {
  if (!isRecord(trigger)) return "another: none";
  const { class: kind, start, days, every, weeks, interval, enabled } = trigger;
  const from = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(typeof start === "string" ? start : "");
  const [, date = "", at = ""] = from ?? [];
  const other = `another: ${String(kind)}`;
  if (enabled === false) return `${other}, disabled`;
  if (kind === "MSFT_TaskDailyTrigger") return every === 1 ? `daily ${at}` : other;
  if (kind === "MSFT_TaskWeeklyTrigger")
    return weeks === 1 ? `weekly ${daysOf(days)} ${at}` : other;
  if (kind === "MSFT_TaskTimeTrigger") return repeated(interval, `once ${date}T${at}`, other);
  if (kind === "MSFT_TaskBootTrigger") return "startup";
  return kind === "MSFT_TaskLogonTrigger" ? "logon" : other;
}

/** Sunday is the lowest bit. */
const daysOf = (bits: unknown): string =>
  weekdays.filter((_, index) => (Number(bits) & (1 << index)) !== 0).join(",");

/** An ISO 8601 duration, as `PT15M`, `PT1H30M` or `P1D`. */
function repeated(interval: unknown, once: string, other: string): string {
  if (typeof interval !== "string" || interval === "") return once;
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(interval);
  if (found === null) return other;
  const [, days = 0, hours = 0, minutes = 0] = found.map(Number).map((one) => one || 0);
  return `every ${days * 1440 + hours * 60 + minutes}m`;
}
