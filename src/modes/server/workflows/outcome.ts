/** How a step ended, and what is said of it. Pure; must not know how steps are carried out. */
import type { Slot, StepEnd } from "../../../core/workflows/course.ts";
import type {
  WorkflowFailure,
  WorkflowMemberRow,
  WorkflowStepEnding,
  WorkflowStepRow,
} from "../store/workflows.ts";
import type { ActiveRun } from "./active.ts";

/** What came of a step: machines that failed at it, or why it failed as a whole. */
export interface Outcome {
  readonly failures: readonly WorkflowFailure[];
  readonly broken?: {
    readonly state: Extract<StepEnd, "failed" | "timed out">;
    readonly why: string;
  };
  readonly by?: string;
  /** Machines that were let alone, and why. */
  readonly passedOver?: ReadonlyMap<string, string>;
}

export const good: Outcome = { failures: [] };

export const failing = (
  members: readonly WorkflowMemberRow[],
  reason: (member: WorkflowMemberRow) => string,
): Outcome => ({
  failures: members.map((member) => ({ envoyId: member.envoyId, reason: reason(member) })),
});

/** More than may fail? Those that failed before count too. */
export const isTooMuch = (run: ActiveRun, failures: number): boolean =>
  run.failed + failures > run.row.maxFailures;

/** People and addresses are asked whoever it is for, unless a condition chose nobody. */
export function isForNobody(
  { step: { kind, when } }: Slot,
  { envoys }: Pick<WorkflowStepRow, "envoys">,
): boolean {
  if (envoys.length > 0) return false;
  return (
    when !== undefined || kind === "run" || kind === "task" || kind === "push" || kind === "wait"
  );
}

export function endingOf(
  run: ActiveRun,
  { phase }: Slot,
  { failures, broken, by, passedOver }: Outcome,
  endedAt: number,
): WorkflowStepEnding {
  const about = { endedAt, by };
  if (broken !== undefined) return { ...about, state: broken.state, reason: broken.why };
  const fresh = failures.filter(({ envoyId }) =>
    run.members.some((member) => member.envoyId === envoyId && member.failedAt === undefined),
  );
  const letAlone = [...(passedOver ?? [])].map(([envoyId, reason]) => ({ envoyId, reason }));
  const said = [saidOf(run, failures, "failed"), saidOf(run, letAlone, "passed over")]
    .filter((part) => part !== "")
    .join("; ");
  if (phase === "on_failure")
    return { ...about, state: failures.length > 0 ? "failed" : "ok", reason: said };
  if (!isTooMuch(run, fresh.length)) return { ...about, state: "ok", reason: said };
  const { length: all } = run.members;
  const count = run.failed + fresh.length;
  const most = run.row.maxFailures;
  const limit = most === 0 ? "none may fail" : `more than ${most} of ${all}`;
  return { ...about, state: "failed", reason: `${said} (${count} in all; ${limit})` };
}

/** `2 failed: web-1: exit code 1, web-2: it is offline` */
function saidOf(run: ActiveRun, failures: readonly WorkflowFailure[], what: string): string {
  if (failures.length === 0) return "";
  const names = new Map(run.members.map(({ envoyId, hostname }) => [envoyId, hostname]));
  const shown = failures.slice(0, 3).map(({ envoyId, reason }) => {
    return `${names.get(envoyId) ?? envoyId}: ${reason}`;
  });
  const more = failures.length > shown.length ? ", …" : "";
  return `${failures.length} ${what}: ${shown.join(", ")}${more}`;
}
