/** A run as text for people, and its exit code. Must not know where the run came from. */
import type { Screen } from "../../core/command/screen.ts";
import { endedEarly } from "../../core/converge/ended-early.ts";
import type { OutcomeName, ResourceReport, RunReport } from "../../core/converge/report.ts";
import type { Change } from "../../core/resource.ts";

/** Resources that are ok, not notified or left out say nothing by themselves. */
export function printRun(report: RunReport, { colour }: Pick<Screen, "colour">): string {
  const told = report.resources.filter(({ outcome }) => outcome !== "ok" && outcome !== "skipped");
  const skipped = report.resources.filter(
    (resource) => resource.reason?.startsWith("needs ") === true || isCutOff(resource),
  );
  const lines = [...told, ...skipped].flatMap((resource) => printResource(resource, colour));
  for (const key of report.pending_refreshes) lines.push(`owed     a refresh to ${key}`);
  return [...lines, summary(report)].join("\n");
}

const isCutOff = ({ outcome, reason }: ResourceReport): boolean =>
  outcome === "skipped" && reason === endedEarly;

function printResource(resource: ResourceReport, colour: boolean) {
  const { key, outcome, changes } = resource;
  const reason = resource.reason ?? (isRefreshed(resource) ? "refreshed" : undefined);
  const word = outcome.padEnd(8);
  const head = `${colour ? paint(outcome, word) : word} ${key}${reason === undefined ? "" : `: ${reason}`}`;
  return [head, ...changes.flatMap(printChange)];
}

/** Nothing differed: it was notified, as a service is that is restarted. */
const isRefreshed = ({ outcome, changes }: ResourceReport): boolean =>
  outcome === "changed" && changes.length === 0;

function printChange({ field, from, to, cause, diff }: Change): readonly string[] {
  const line = `         ${field}: ${short(from)} → ${short(to)} (${cause})`;
  return diff === undefined
    ? [line]
    : [
        line,
        ...diff
          .trimEnd()
          .split("\n")
          .map((one) => `           ${one}`),
      ];
}

/** One line, and not all of a file. */
function short(value: string | undefined): string {
  if (value === undefined) return "absent";
  const line = value.replaceAll("\n", "⏎");
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

const colours: Readonly<Record<OutcomeName, number>> = {
  ok: 32,
  changed: 33,
  pending: 36,
  skipped: 90,
  blocked: 35,
  failed: 31,
};
const paint = (outcome: OutcomeName, text: string) => `\x1b[${colours[outcome]}m${text}\x1b[0m`;

function summary({ counts, dry_run: dry, duration_ms: ms, outcome }: RunReport): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  const said = parts.map(([name, count]) => `${count} ${name}`).join(", ");
  return `${outcome}${dry ? " (dry run, nothing was done)" : ""}: ${said || "no resources"}, in ${ms} ms`;
}

/** 0, or 1 when something failed, was blocked, or was not reached any more; in detail 0 nothing to do, 10 changed (or would), 11 failed, 12 both. */
export function runExit({ counts, outcome, resources }: RunReport, detailed: boolean): number {
  const failed = outcome === "failed" || resources.some(isCutOff);
  if (!detailed) return failed ? 1 : 0;
  const changed = counts.changed + counts.pending > 0;
  if (failed) return changed ? 12 : 11;
  return changed ? 10 : 0;
}
