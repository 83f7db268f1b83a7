/** Named tasks of the published policy: which there are, and what one comes to with the values it was given. Must not know HTTP. */
import type { NamedTaskShown } from "../../../core/api/tasks.ts";
import type { Role } from "../../../core/api/roles.ts";
import { unknownWord } from "../../../core/did-you-mean.ts";
import { VigoError } from "../../../core/errors.ts";
import type { NamedTask } from "../../../core/policy/declared.ts";
import { argvOf, kindOf, valuesFor } from "../../../core/tasks/values.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { Named } from "../store/tasks.ts";

export type NamedTasks = Pick<LivePolicy, "edition">;

const declared = ({ edition }: NamedTasks): ReadonlyMap<string, NamedTask> =>
  edition?.policy.declared.tasks ?? new Map();

export const shownNamedTasks = (policy: NamedTasks): readonly NamedTaskShown[] =>
  [...declared(policy).values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(shown);

const shown = (task: NamedTask): NamedTaskShown => ({
  name: task.name,
  description: task.description,
  command: [...task.command],
  params: [...task.params].map(([name, param]) => ({
    name,
    type: param.type,
    takes: kindOf(param),
    description: param.description,
    ...(param.default === undefined ? {} : { default: param.default }),
  })),
  ...(task.timeoutMs === undefined ? {} : { timeout_ms: task.timeoutMs }),
  roles: [...task.roles],
  file: task.place.file,
});

export interface Filled {
  readonly named: Named;
  readonly timeoutMs: number | undefined;
}

/** Rejects with `missing` for a name that nothing bears, `denied` for who may not run it, `invalid` for values that do not fit. */
export function filled(
  policy: NamedTasks,
  name: string,
  params: Readonly<Record<string, unknown>>,
  role: Role | undefined,
): Filled {
  const tasks = declared(policy);
  const task = tasks.get(name);
  if (task === undefined)
    throw new VigoError("missing", unknownWord("named task", name, [...tasks.keys()]), {
      hint: "vigo cli task describe lists those of the published policy",
    });
  // Without a role it is the one who holds the server's own host.
  if (task.roles.length > 0 && role !== undefined && role !== "admin" && !task.roles.includes(role))
    throw new VigoError("denied", `the task ${name} is for ${task.roles.join(" and ")}`);
  const { values, problems } = valuesFor(task.params, params);
  if (problems.length > 0)
    throw new VigoError("invalid", problems.join("; "), { hint: `vigo cli task describe ${name}` });
  return {
    named: { name, argv: argvOf(task.command, values), params: values },
    timeoutMs: task.timeoutMs,
  };
}
