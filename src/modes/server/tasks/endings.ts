/** How a task ends on one target: as the envoy says, or because it cannot say any more. Pure; must not know streams, nor the store. */
import type { FinalState } from "../../../core/tasks/states.ts";
import { stateFromWire } from "../../../core/tasks/states-wire.ts";
import type { TaskResult } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { TaskEnding, TaskRow } from "../store/tasks.ts";
import type { ActiveTarget } from "./active.ts";

/** Of a reason that an agent tells. */
const mostReason = 1_000;

export function ending(
  { envoyId, startedAt, output }: ActiveTarget,
  state: FinalState,
  reason: string,
  at: number,
): TaskEnding {
  const nothing = { exitCode: undefined, dropped: 0 };
  return { envoyId, state, reason, endedAt: at, startedAt, output, ...nothing };
}

/** Throws `invalid` for a state that is not known. */
export function asTold(target: ActiveTarget, told: TaskResult): TaskEnding {
  const { state, exitCode, reason, droppedBytes, startedAtMs, endedAtMs } = told;
  return {
    ...ending(target, stateFromWire(state), reason.slice(0, mostReason), moment(endedAtMs)),
    startedAt: startedAtMs === undefined ? undefined : moment(startedAtMs),
    exitCode,
    dropped: Math.min(Number(droppedBytes), Number.MAX_SAFE_INTEGER),
  };
}

/** Within what a date can hold. */
export const moment = (ms: bigint): number => Math.min(Math.max(Number(ms), 0), 8.64e15);

/** Its envoy was revoked or deleted. */
export const shutOut = (target: ActiveTarget, now: number): TaskEnding =>
  target.isOut
    ? ending(target, "interrupted", "the envoy was shut out; it may have run", now)
    : ending(target, "refused", "the envoy was shut out", now);

/** Undefined: it still has time. */
export function overdue(
  { expiresAt, timeoutMs }: TaskRow,
  target: ActiveTarget,
  now: number,
  lostMs: number,
): TaskEnding | undefined {
  const { sentAt, dispatching } = target;
  if (sentAt === undefined && !dispatching && now >= expiresAt)
    return ending(target, "expired", "it did not fetch the order in time", now);
  if (sentAt === undefined || now < Math.max(expiresAt, sentAt) + timeoutMs + lostMs)
    return undefined;
  return ending(target, "interrupted", "no word came; it may have run", now);
}
