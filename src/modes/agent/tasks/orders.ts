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
import { environmentOf, type Values } from "../../../core/tasks/values.ts";
import { jsonIn } from "../../../core/text/json-in.ts";
import { taskVariable } from "../machine/orphans.ts";
import type { TaskCommand } from "../machine/task-process.ts";
import { openOrder, type OrderTrust } from "../../../core/wire/order.ts";

export type Wanted =
  | {
      readonly kind: "task";
      readonly id: string;
      readonly expiresAt: number;
      readonly task: TaskOrder;
      readonly program: Program;
    }
  | { readonly kind: "cancel"; readonly id: string; readonly expiresAt: number };

/** What is run: of a task's own, beside its limits. */
export type Program = Pick<TaskCommand, "argv" | "environment" | "input" | "nice">;

/** A name of a file as well. */
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws `denied` for what must not be obeyed, `invalid` for what cannot be read or is not known here. */
export function wantedBy(signed: SignedOrder, trust: OrderTrust): Wanted {
  const { kind, id, expiresAtMs, payload } = openOrder(signed, trust);
  const expiresAt = Number(expiresAtMs);
  if (kind === OrderKind.TASK) {
    const task = read(TaskOrderSchema, payload);
    return { kind: "task", id: checked(id), expiresAt, task, program: programOf(id, task) };
  }
  if (kind === OrderKind.CANCEL)
    return { kind: "cancel", id: checked(read(TaskCancelSchema, payload).taskId), expiresAt };
  throw new VigoError("invalid", `this agent knows no order of kind ${kind}`, {
    hint: "update the agent",
  });
}

/** The program of a task. Values go into its environment and its standard input, never into a text for a shell. */
function programOf(id: string, { command, argv, params, nice }: TaskOrder): Program {
  const mark = { [taskVariable]: id };
  if (argv.length === 0)
    return { argv: ["/bin/sh", "-c", command], environment: mark, input: undefined, nice };
  return {
    argv,
    environment: { ...environmentOf(valuesIn(params)), ...mark },
    input: params,
    nice,
  };
}

function valuesIn(params: string): Values {
  const value = jsonIn(params);
  if (typeof value === "object" && value !== null) return value as Values;
  throw new VigoError("invalid", "the order's parameters cannot be read");
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
