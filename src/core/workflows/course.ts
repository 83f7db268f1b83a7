/**
 * The course of one run: which step comes next, decided from what was written down and nothing else, so that a server that begins
 * anew goes on where the one before it ended. Pure; must not know how a step is carried out.
 */
import type { Pinned, PinnedStep, Turn } from "./workflow.ts";

/** `undoing`: it has failed or was aborted, and does the steps of `on_failure`. */
export const runStates = ["running", "undoing", "done", "failed", "aborted"] as const;
export type RunState = (typeof runStates)[number];

/** How a run that is not done comes to its end. */
export type Verdict = "failed" | "aborted";

/** `skipped`: it was for nobody. `aborted`: it was broken off. */
export const stepEnds = ["ok", "failed", "timed out", "skipped", "aborted"] as const;
export type StepEnd = (typeof stepEnds)[number];

/** One step in one batch. */
export interface Slot {
  /** `2.1`: in the second batch the first step; `undo.1`: the first of `on_failure`. */
  readonly key: string;
  readonly phase: "steps" | "on_failure";
  /** From 0; of `on_failure` the batch that it failed in. */
  readonly batch: number;
  readonly step: PinnedStep;
}

export interface Standing {
  readonly state: RunState;
  readonly verdict: Verdict | undefined;
  /** The batch that it failed in; below 0: nothing is undone. */
  readonly undoBatch: number;
}

/** By the key of its slot: how a step ended; `open` has begun. */
export type StepsSoFar = ReadonlyMap<string, StepEnd | "open">;

export type Next =
  | { readonly kind: "begin" | "work" | "drop"; readonly slot: Slot }
  /** It failed at this step. */
  | { readonly kind: "undo"; readonly slot: Slot }
  | { readonly kind: "end"; readonly state: "done" | Verdict };

/** All steps of all batches, in the order they come. */
export const slotsOf = ({ steps }: Pick<Pinned, "steps">, batches: number): readonly Slot[] =>
  Array.from({ length: batches }, (_, batch) =>
    steps.flatMap((step, at): readonly Slot[] =>
      isTurn(step.turn, batch, batches)
        ? [{ key: `${batch + 1}.${at + 1}`, phase: "steps", batch, step }]
        : [],
    ),
  ).flat();

export const undoSlotsOf = (
  { onFailure }: Pick<Pinned, "onFailure">,
  batch: number,
): readonly Slot[] =>
  onFailure.map((step, at) => ({ key: `undo.${at + 1}`, phase: "on_failure", batch, step }));

const isTurn = (turn: Turn, batch: number, batches: number): boolean =>
  turn === "every" ||
  (turn === "first" && batch === 0) ||
  (turn === "rest" && batch > 0) ||
  (turn === "last" && batch === batches - 1);

export const isBad = (end: StepEnd): boolean => end === "failed" || end === "timed out";

/** Only of a run that has not ended. */
export function nextOf(
  pinned: Pick<Pinned, "steps" | "onFailure">,
  batches: number,
  { state, verdict = "failed", undoBatch }: Standing,
  steps: StepsSoFar,
): Next {
  const forward = slotsOf(pinned, batches);
  if (state === "running") return goingOn(forward, steps) ?? { kind: "end", state: "done" };
  const back = undoSlotsOf(pinned, undoBatch);
  const over = undoBatch < 0 ? [...forward, ...back] : forward;
  const left = over.find(({ key }) => steps.get(key) === "open");
  if (left !== undefined) return { kind: "drop", slot: left };
  const undone = undoBatch < 0 ? undefined : back.find(({ key }) => isToDo(steps.get(key)));
  if (undone === undefined) return { kind: "end", state: verdict };
  return { kind: steps.has(undone.key) ? "work" : "begin", slot: undone };
}

function goingOn(slots: readonly Slot[], steps: StepsSoFar): Next | undefined {
  for (const slot of slots) {
    const so = steps.get(slot.key);
    if (so === undefined) return { kind: "begin", slot };
    if (so === "open") return { kind: "work", slot };
    if (isBad(so)) return { kind: "undo", slot };
  }
  return undefined;
}

const isToDo = (so: StepEnd | "open" | undefined): boolean => so === undefined || so === "open";

/** A machine of a run. */
export interface Member {
  /** From 0. */
  readonly batch: number;
  /** The key of the step it failed at. */
  readonly failedAt: string | undefined;
}

/** Whom a step is for, before its condition is asked. */
export function membersFor<M extends Member>(slot: Slot, all: readonly M[]): readonly M[] {
  const { step, batch, phase } = slot;
  const isIn: Readonly<Record<typeof step.targets, (member: M) => boolean>> = {
    all: () => true,
    begun: (member) => member.batch <= batch,
    failed: (member) => member.failedAt !== undefined,
    batch: (member) =>
      member.batch === batch && (phase === "on_failure" || member.failedAt === undefined),
  };
  return all.filter(isIn[step.targets]);
}
