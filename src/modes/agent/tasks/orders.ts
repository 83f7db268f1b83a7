/** From a signed order to what it wants. Must not know how that is done. */
import { fromBinary } from "@bufbuild/protobuf";
import { VigoError } from "../../../core/errors.ts";
import {
  OrderKind,
  type SignedOrder,
  TaskCancelSchema,
  type TaskOrder,
  TaskOrderSchema,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { openOrder, type OrderTrust } from "../../../core/wire/order.ts";

export type Wanted =
  | {
      readonly kind: "task";
      readonly id: string;
      readonly expiresAt: number;
      readonly task: TaskOrder;
    }
  | { readonly kind: "cancel"; readonly id: string; readonly expiresAt: number };

/** A name of a file as well. */
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws `denied` for what must not be obeyed, `invalid` for what cannot be read or is not known here. */
export function wantedBy(signed: SignedOrder, trust: OrderTrust): Wanted {
  const { kind, id, expiresAtMs, payload } = openOrder(signed, trust);
  const expiresAt = Number(expiresAtMs);
  if (kind === OrderKind.TASK)
    return { kind: "task", id: checked(id), expiresAt, task: read(TaskOrderSchema, payload) };
  if (kind === OrderKind.CANCEL)
    return { kind: "cancel", id: checked(read(TaskCancelSchema, payload).taskId), expiresAt };
  throw new VigoError("invalid", `this agent knows no order of kind ${kind}`, {
    hint: "update the agent",
  });
}

const checked = (id: string): string => {
  if (uuid.test(id)) return id;
  throw new VigoError("invalid", "the order names no task");
};

function read<D extends typeof TaskOrderSchema | typeof TaskCancelSchema>(
  schema: D,
  payload: Uint8Array,
) {
  try {
    return fromBinary<D>(schema, payload);
  } catch (cause) {
    throw new VigoError("invalid", "the order's payload cannot be read", { cause });
  }
}
