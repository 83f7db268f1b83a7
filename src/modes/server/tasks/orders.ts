/** The signed orders that tasks send. Must not know when they leave. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { SigningKey } from "../../../core/pki/keys.ts";
import {
  OrderKind,
  type SignedOrder,
  TaskCancelSchema,
  TaskOrderSchema,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { sealOrder } from "../../../core/wire/order.ts";
import type { TaskRow } from "../store/tasks.ts";

/** The bundle key, and how agents name it. */
export interface Signing {
  readonly id: string;
  readonly key: SigningKey;
}

export function taskOrder(row: TaskRow, envoyId: string, signing: Signing): SignedOrder {
  const { command, named, timeoutMs, outputLimit, force, nice } = row;
  const what =
    named === undefined
      ? { command }
      : { argv: [...named.argv], params: JSON.stringify(named.params) };
  const payload = toBinary(
    TaskOrderSchema,
    create(TaskOrderSchema, { ...what, timeoutMs, outputLimit, force, nice }),
  );
  return sealOrder({ ...about(row, envoyId), kind: OrderKind.TASK, id: row.id, payload }, signing);
}

/** Also for one that never got the task: it must not begin when that comes late. */
export function cancelOrder(row: TaskRow, envoyId: string, signing: Signing): SignedOrder {
  const payload = toBinary(TaskCancelSchema, create(TaskCancelSchema, { taskId: row.id }));
  const id = crypto.randomUUID();
  return sealOrder({ ...about(row, envoyId), kind: OrderKind.CANCEL, id, payload }, signing);
}

const about = ({ createdAt, expiresAt }: TaskRow, envoyId: string) => ({
  envoyId,
  issuedAtMs: BigInt(createdAt),
  expiresAtMs: BigInt(expiresAt),
});
