/** Steps that look at machines until something comes true, or while it should stay so. Must not know what is asked of them. */
import type { PinnedStep } from "../../../core/workflows/workflow.ts";
import type { WorkflowMemberRow } from "../store/workflows.ts";
import type { Scratch } from "./active.ts";
import { failing, isTooMuch, type Outcome } from "./outcome.ts";
import type { Work } from "./perform.ts";
import type { Decide } from "./sight.ts";

/** A look at many machines takes a while; at most so much of the time goes into it. */
const share = 20;
const leastMs = 1_000;

type Step<Kind> = PinnedStep & { readonly kind: Kind };

/** Each machine once: what came true need not stay so. */
export async function wait(work: Work<Step<"wait">>): Promise<Outcome | undefined> {
  const { step, begun, run, decide, now, pushes } = work;
  const scratch = run.scratch(begun.key);
  const { settled, passedOver } = scratch;
  const known = { has: (id: string) => settled.has(id) || passedOver.has(id) };
  const reasons = new Map<string, string>();
  const isOver = now() >= begun.startedAt + step.timeoutMs;
  if (!isOver && now() < scratch.nextLookAt) return undefined;
  await look(open(work, known), step.until, scratch, { decide, now }, ({ envoyId }, answer) => {
    const letAlone = answer === true ? undefined : pushes.held(envoyId);
    if (answer === true) settled.add(envoyId);
    else if (letAlone !== undefined) passedOver.set(envoyId, letAlone);
    else if (answer !== false) reasons.set(envoyId, answer);
  });
  const waiting = open(work, known);
  if (waiting.length > 0 && !isOver) return undefined;
  const why = ({ envoyId }: WorkflowMemberRow) =>
    reasons.has(envoyId)
      ? `not in time: ${step.until} (${reasons.get(envoyId)})`
      : `not in time: ${step.until}`;
  return { ...failing(waiting, why), passedOver };
}

/** What nobody can tell breaks nothing, nor what happens in maintenance. */
export async function hold(work: Work<Step<"hold">>): Promise<Outcome | undefined> {
  const { step, begun, run, decide, now, pushes } = work;
  const scratch = run.scratch(begun.key);
  const isOver = now() >= begun.startedAt + step.holdMs;
  const { while: condition } = step;
  if (condition !== undefined && (isOver || now() >= scratch.nextLookAt))
    await look(open(work, scratch.broken), condition, scratch, { decide, now }, (each, answer) => {
      if (answer === false && pushes.held(each.envoyId) === undefined)
        scratch.broken.set(each.envoyId, `no longer so: ${condition}`);
    });
  const broken = work.members.filter(({ envoyId }) => scratch.broken.has(envoyId));
  if (!isOver && !isTooMuch(run, broken.length)) return undefined;
  return failing(broken, ({ envoyId }) => scratch.broken.get(envoyId) ?? "");
}

const open = (
  { members }: Pick<Work<PinnedStep>, "members">,
  known: { has(envoyId: string): boolean },
): readonly WorkflowMemberRow[] => members.filter(({ envoyId }) => !known.has(envoyId));

async function look(
  members: readonly WorkflowMemberRow[],
  condition: string,
  scratch: Scratch,
  { decide, now }: { readonly decide: Decide; readonly now: () => number },
  told: (member: WorkflowMemberRow, answer: boolean | string) => void,
): Promise<void> {
  const began = performance.now();
  for (const member of members) told(member, await decide(condition, member.envoyId));
  const took = performance.now() - began;
  scratch.nextLookAt = now() + Math.max(leastMs, took * share);
}
