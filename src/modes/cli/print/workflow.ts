/** Runs of workflows for people. Must not know where they come from. */
import type { WholeRun, WorkflowStep } from "../../../core/api/workflows.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { relative, took } from "./moment.ts";
import { facts, table } from "./table.ts";
import { printCounts } from "./task.ts";
import { stood, visible } from "./text.ts";

const columns = ["STEP", "BATCH", "WHAT", "KIND", "STATE", "TARGETS", "TOOK", "WHY"];

export const printSteps = (
  screen: Pick<Screen, "colour">,
  steps: readonly WorkflowStep[],
  now: Date,
): string =>
  table(
    screen,
    columns,
    steps.map((step) => cells(screen, step, now)),
    "",
  );

function cells(screen: Pick<Screen, "colour">, step: WorkflowStep, now: Date): readonly string[] {
  const { key, batch, name, kind, state, targets, counts, reason = "", by } = step;
  const why = by === undefined ? reason : `approved by ${by}`;
  const who = targets === undefined ? "" : String(targets);
  return [
    key,
    batch === 0 ? "" : String(batch),
    visible(name),
    kind,
    stood(screen, state),
    counts === undefined ? who : `${who} (${printCounts(counts)})`,
    timeOf(step, now),
    visible(why),
  ];
}

function timeOf({ started_at, ended_at }: WorkflowStep, now: Date): string {
  if (started_at === undefined) return "";
  const end = ended_at === undefined ? now.getTime() : Date.parse(ended_at);
  return took(Math.max(0, end - Date.parse(started_at)));
}

/** Without its steps. */
export function printRun(screen: Pick<Screen, "colour">, run: WholeRun, now: Date): string {
  const params = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
  const about = facts([
    ["workflow", `${visible(run.workflow)} of version ${run.version}`],
    ["state", stood(screen, run.state)],
    ["why", run.reason === undefined ? undefined : visible(run.reason)],
    ["begun", `${relative(run.created_at, now)} by ${visible(run.actor)}`],
    ["for", visible(run.asked.join(" "))],
    ["with", params.length === 0 ? undefined : visible(params.join(" "))],
    [
      "targets",
      `${run.targets} in ${run.batches} batch${run.batches === 1 ? "" : "es"}, ${run.failed.length} failed`,
    ],
  ]);
  return about;
}

export function printFailed(screen: Pick<Screen, "colour">, { failed }: WholeRun): string {
  const rows = failed.map(({ hostname, batch, failed_at = "", reason = "" }) => [
    visible(hostname),
    String(batch),
    failed_at,
    visible(reason),
  ]);
  return table(screen, ["FAILED", "BATCH", "AT STEP", "WHY"], rows, "");
}

/** `1.2 2 wait  ok  3.4 s` for a log: one line when a step changes. */
export function printChange(screen: Pick<Screen, "colour">, step: WorkflowStep): string {
  const { key, name, kind, state, reason, by, targets } = step;
  const about = [
    targets === undefined ? undefined : `${targets} target${targets === 1 ? "" : "s"}`,
    by === undefined ? undefined : `approved by ${visible(by)}`,
    reason === undefined ? undefined : visible(reason),
  ].filter((part) => part !== undefined);
  const what = name.endsWith(kind) ? visible(name) : `${visible(name)} (${kind})`;
  return `${key}  ${what}: ${stood(screen, state)}${about.length > 0 ? `, ${about.join(", ")}` : ""}`;
}

/** What a person can do about a run that waits. */
export const nudge = (id: string): string =>
  `it waits for a person: vigo cli workflow approve ${id}, or abort ${id}`;
