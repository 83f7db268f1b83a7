/** Carries one step on, by its kind: what it came to, or nothing while it goes on. Must not know which step is next. */
import type { PinnedStep } from "../../../core/workflows/workflow.ts";
import type { Store } from "../store/store.ts";
import type { WorkflowMemberRow, WorkflowStepRow } from "../store/workflows.ts";
import type { AskHealth } from "../tasks/health.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { ActiveRun } from "./active.ts";
import type { AskThem } from "./fresh.ts";
import { order } from "./order.ts";
import { good, type Outcome } from "./outcome.ts";
import { type Publications, publish } from "./publication.ts";
import { type Pushes, push } from "./pushing.ts";
import type { Decide } from "./sight.ts";
import { hold, wait } from "./watching.ts";

export interface Means {
  readonly store: Pick<Store, "workflows" | "tasks">;
  readonly tasks: Pick<Tasks, "begin" | "find" | "cancel" | "follow">;
  readonly decide: Decide;
  readonly askThem: AskThem;
  readonly ask: AskHealth;
  readonly pushes: Pushes;
  readonly publications: Publications;
  readonly now: () => number;
}

export interface Work<S extends PinnedStep> extends Means {
  readonly run: ActiveRun;
  readonly step: S;
  readonly begun: WorkflowStepRow;
  /** Whom it is for. */
  readonly members: readonly WorkflowMemberRow[];
  /** Something is known that was not. */
  readonly poke: () => void;
}

type Kind = PinnedStep["kind"];
type Performers = {
  readonly [K in Kind]: (
    work: Work<PinnedStep & { readonly kind: K }>,
  ) => Promise<Outcome | undefined>;
};

const performers: Performers = {
  run: order,
  task: order,
  publish,
  push: async (work) => push(work),
  wait,
  hold,
  health: async (work) => health(work),
  approval: async ({ step, begun, now }) =>
    now() < begun.startedAt + step.timeoutMs
      ? undefined
      : { failures: [], broken: { state: "timed out", why: "nobody approved it in time" } },
};

/** Rejects when the store fails; then it is done again. */
export function perform(work: Work<PinnedStep>): Promise<Outcome | undefined> {
  const performer = performers[work.step.kind] as (
    work: Work<PinnedStep>,
  ) => Promise<Outcome | undefined>;
  return performer(work);
}

/** Between two questions. */
const pauseMs = 2_000;

function health(work: Work<PinnedStep & { readonly kind: "health" }>): Outcome | undefined {
  const { run, step, begun, now } = work;
  const scratch = run.scratch(begun.key);
  if (scratch.isGood) return good;
  if (scratch.answer?.forGood === true || now() >= begun.startedAt + step.timeoutMs) {
    const why = `${step.url} ${scratch.answer?.why ?? "did not answer"}`;
    return { failures: [], broken: { state: "failed", why } };
  }
  if (!scratch.asking && now() >= scratch.nextLookAt) void asked(work);
  return undefined;
}

async function asked({
  run,
  step,
  begun,
  ask,
  now,
  poke,
}: Work<PinnedStep & { readonly kind: "health" }>) {
  const scratch = run.scratch(begun.key);
  scratch.asking = true;
  const ill = await ask(step.url);
  scratch.asking = false;
  scratch.nextLookAt = now() + pauseMs;
  scratch.answer = ill;
  scratch.isGood = ill === undefined;
  if (ill === undefined || ill.forGood === true) poke();
}
