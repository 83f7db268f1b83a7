/** How a task stands on one envoy: on its way, or in exactly one final state (docs/design/semantics.md §10). Must not know wires. */

export const finalStates = [
  "ok",
  "failed",
  "timed out",
  "cancelled",
  "refused",
  "expired",
  "interrupted",
] as const;

export type FinalState = (typeof finalStates)[number];

/** `waiting`: for its batch, or for the envoy · `sent`: the envoy may have the order · `running`: it has said so. */
export const targetStates = ["waiting", "sent", "running", ...finalStates] as const;

export type TargetState = (typeof targetStates)[number];

/**
 * Of a task as a whole. `paused`: nobody begins until it is resumed · `stopped`: too many have failed, a health check did, or a person
 * aborted it, so no further envoy starts it · `cancelled`: nor goes on with it.
 */
export const taskStates = ["running", "paused", "done", "stopped", "cancelled"] as const;

export type TaskState = (typeof taskStates)[number];

const bad: readonly TargetState[] = ["failed", "timed out", "refused", "interrupted"];

/** Counts against `max_failures`. An envoy that did not come in time has not failed. */
export const isFailure = (state: TargetState): boolean => bad.includes(state);

export const isFinal = (state: TargetState): state is FinalState =>
  (finalStates as readonly string[]).includes(state);

/** A piece of what a task printed. */
export interface Piece {
  readonly stream: "out" | "err";
  readonly text: string;
}

/** Neighbours of one stream as one. */
export function joined(pieces: readonly Piece[]): readonly Piece[] {
  const all: { stream: Piece["stream"]; texts: string[] }[] = [];
  for (const { stream, text } of pieces) {
    const last = all.at(-1);
    if (last?.stream === stream) last.texts.push(text);
    else all.push({ stream, texts: [text] });
  }
  return all.map(({ stream, texts }) => ({ stream, text: texts.join("") }));
}
