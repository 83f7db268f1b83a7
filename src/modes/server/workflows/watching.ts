/** Steps that look at machines until something comes true, or while it should stay so. Must not know what is asked of them. */
import type { PinnedStep } from "../../../core/workflows/workflow.ts";
import type { WorkflowMemberRow } from "../store/workflows.ts";
import { failing, isTooMuch, type Outcome } from "./outcome.ts";
import type { Work } from "./perform.ts";

/** A look at many machines takes a while; at most so much of the time goes into it. */
const share = 20;
/** Of machines that answer themselves most of the time goes by while they do. */
const askingShare = 2;
const leastMs = 1_000;

type Step<Kind> = PinnedStep & { readonly kind: Kind };

/** Each machine once: what came true need not stay so. */
export async function wait(work: Work<Step<"wait">>): Promise<Outcome | undefined> {
  const { step, begun, run, now, pushes } = work;
  const scratch = run.scratch(begun.key);
  const { settled, passedOver, reasons } = scratch;
  const known = { has: (id: string) => settled.has(id) || passedOver.has(id) };
  const isTimeUp = now() >= begun.startedAt + step.timeoutMs;
  const left = () => open(work, known);
  await look(work, left, step.until, isTimeUp, ({ envoyId }, answer) => {
    const letAlone = answer === true ? undefined : pushes.held(envoyId);
    if (answer === true) settled.add(envoyId);
    else if (letAlone !== undefined) passedOver.set(envoyId, letAlone);
    else if (answer === false) reasons.delete(envoyId);
    else reasons.set(envoyId, answer);
  });
  const waiting = left();
  if (waiting.length > 0 && (!isTimeUp || scratch.asking)) return undefined;
  const why = ({ envoyId }: WorkflowMemberRow) =>
    reasons.has(envoyId)
      ? `not in time: ${step.until} (${reasons.get(envoyId)})`
      : `not in time: ${step.until}`;
  return { ...failing(waiting, why), passedOver };
}

/** What nobody can tell breaks nothing, nor what happens in maintenance. */
export async function hold(work: Work<Step<"hold">>): Promise<Outcome | undefined> {
  const { step, begun, run, now, pushes } = work;
  const scratch = run.scratch(begun.key);
  const { broken } = scratch;
  const isTimeUp = now() >= begun.startedAt + step.holdMs;
  const left = () => open(work, broken);
  const { while: condition } = step;
  if (condition !== undefined)
    await look(work, left, condition, isTimeUp, ({ envoyId }, answer) => {
      if (answer === false && pushes.held(envoyId) === undefined)
        broken.set(envoyId, `no longer so: ${condition}`);
    });
  const bad = work.members.filter(({ envoyId }) => broken.has(envoyId));
  const isOver = isTimeUp && !scratch.asking;
  if (!isOver && !isTooMuch(run, bad.length)) return undefined;
  return failing(bad, ({ envoyId }) => broken.get(envoyId) ?? "");
}

/** For whom a step is, when it begins: by what machines say now, else by what they have reported. */
export async function chosen(
  { askThem, decide }: Pick<Work<PinnedStep>, "askThem" | "decide">,
  condition: string | undefined,
  members: readonly WorkflowMemberRow[],
): Promise<readonly WorkflowMemberRow[]> {
  if (condition === undefined) return members;
  const said = await askThem(
    condition,
    members.map(({ envoyId }) => envoyId),
  );
  const found: WorkflowMemberRow[] = [];
  for (const member of members) {
    const now = said?.get(member.envoyId);
    const answer = typeof now === "boolean" ? now : await decide(condition, member.envoyId);
    if (answer === true) found.push(member);
  }
  return found;
}

const open = (
  { members }: Pick<Work<PinnedStep>, "members">,
  known: { has(envoyId: string): boolean },
): readonly WorkflowMemberRow[] => members.filter(({ envoyId }) => !known.has(envoyId));

type Answers = ReadonlyMap<string, boolean | string>;
type Told = (member: WorkflowMemberRow, answer: boolean | string) => void;

/** Machines are asked while others have their turn; what they said is heeded by the look after that. */
async function look(
  work: Work<PinnedStep>,
  open: () => readonly WorkflowMemberRow[],
  condition: string,
  isTimeUp: boolean,
  told: Told,
): Promise<void> {
  const { run, begun, now, decide, askThem } = work;
  const scratch = run.scratch(begun.key);
  for (const member of open()) {
    const answer = scratch.said?.get(member.envoyId);
    if (answer !== undefined) told(member, answer);
  }
  scratch.said = undefined;
  const isDue = isTimeUp ? !scratch.wasAsked : now() >= scratch.nextLookAt;
  const left = open();
  if (!isDue || scratch.asking || left.length === 0) return;
  const began = performance.now();
  const rest = (times: number) => {
    scratch.nextLookAt = now() + Math.max(leastMs, (performance.now() - began) * times);
  };
  const answers = askThem(
    condition,
    left.map(({ envoyId }) => envoyId),
  );
  if (answers !== undefined) return heed(work, left, answers, () => rest(askingShare));
  for (const member of left) told(member, await decide(condition, member.envoyId));
  rest(share);
}

function heed(
  { run, begun, poke }: Work<PinnedStep>,
  asked: readonly WorkflowMemberRow[],
  answers: Promise<Answers>,
  rest: () => void,
): void {
  const scratch = run.scratch(begun.key);
  scratch.asking = true;
  scratch.wasAsked = true;
  // What kept them from being asked is why nothing is known of them.
  const none = (error: unknown): Answers =>
    new Map(asked.map(({ envoyId }) => [envoyId, String(error)]));
  void answers.catch(none).then((said) => {
    scratch.said = said;
    scratch.asking = false;
    rest();
    poke();
  });
}
