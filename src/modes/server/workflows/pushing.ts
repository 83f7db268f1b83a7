/** A step in which machines check in and run, each once: it is over for one when a newer run of it is known. Must not know streams. */
import type { PinnedStep } from "../../../core/workflows/workflow.ts";
import type { WorkflowMemberRow } from "../store/workflows.ts";
import { failing, type Outcome } from "./outcome.ts";
import type { Work } from "./perform.ts";

export interface Pushes {
  /** Told now, or as soon as it can be. */
  push(envoyId: string): unknown;
  /** Number of its newest run that is known; undefined: it is shut out. */
  lastRun(envoyId: string): number | undefined;
  /** Why it does not run now, though nothing is wrong with it. */
  held(envoyId: string): string | undefined;
}

/** Told again by each process that looks: once more does no harm. */
export function push(work: Work<PinnedStep & { readonly kind: "push" }>): Outcome | undefined {
  const { step, begun, run, pushes, members, now } = work;
  const { settled, broken, numbers, passedOver } = run.scratch(begun.key);
  const isOpen = ({ envoyId }: WorkflowMemberRow) =>
    !settled.has(envoyId) && !broken.has(envoyId) && !passedOver.has(envoyId);
  for (const { envoyId } of members.filter(isOpen)) {
    const last = pushes.lastRun(envoyId);
    const letAlone = pushes.held(envoyId);
    const before = numbers.get(envoyId);
    if (last === undefined) broken.set(envoyId, "it is shut out");
    else if (letAlone !== undefined) passedOver.set(envoyId, letAlone);
    else if (before === undefined) {
      numbers.set(envoyId, last);
      pushes.push(envoyId);
    } else if (last > before) settled.add(envoyId);
  }
  const left = members.filter(isOpen);
  if (left.length > 0 && now() < begun.startedAt + step.timeoutMs) return undefined;
  const bad = members.filter(({ envoyId }) => !settled.has(envoyId) && !passedOver.has(envoyId));
  const why = ({ envoyId }: WorkflowMemberRow) =>
    broken.get(envoyId) ?? "no run of it came in time";
  return { ...failing(bad, why), passedOver };
}
