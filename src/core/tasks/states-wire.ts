/** Final states of tasks as they travel. Must not know what they mean. */
import { VigoError } from "../errors.ts";
import { TaskState } from "../wire/gen/vigo/v1/agent_pb.ts";
import type { FinalState } from "./states.ts";

const numbers: Readonly<Record<FinalState, TaskState>> = {
  ok: TaskState.OK,
  failed: TaskState.FAILED,
  "timed out": TaskState.TIMED_OUT,
  cancelled: TaskState.CANCELLED,
  refused: TaskState.REFUSED,
  expired: TaskState.EXPIRED,
  interrupted: TaskState.INTERRUPTED,
};

export const stateToWire = (state: FinalState): TaskState => numbers[state];

/** Throws `invalid` for one that this version does not know. */
export function stateFromWire(number: TaskState): FinalState {
  for (const [state, known] of Object.entries(numbers))
    if (known === number) return state as FinalState;
  throw new VigoError("invalid", `${number} is no state of a task`);
}
