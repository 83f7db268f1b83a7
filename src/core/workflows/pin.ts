/** A workflow as one run carries it out: parameters have their values, named tasks are looked up. Must not know machines. */
import type { NamedTask } from "../policy/declared.ts";
import { argvOf, paramIn, type Values, valuesFor } from "../tasks/values.ts";
import type { OrderStep, Pinned, PinnedStep, Step, Workflow } from "./workflow.ts";

/** Where a named task says nothing. */
const usualTimeoutMs = 60_000;

/** `problems`: one sentence each; then there is nothing to run. */
export function pin(
  { roles: _, params, targets: __, steps, onFailure, ...rest }: Workflow,
  tasks: ReadonlyMap<string, NamedTask>,
  given: Readonly<Record<string, unknown>>,
): { readonly pinned: Pinned; readonly params: Values; readonly problems: readonly string[] } {
  const { values, problems } = valuesFor(params, given);
  const failed = [...problems];
  const all = (list: readonly Step[]): readonly PinnedStep[] =>
    list.map((step) => pinnedStep(step, rest.name, tasks, values, failed));
  // What follows from a value that is missing is no second mistake.
  const pinned = { ...rest, steps: all(steps), onFailure: all(onFailure) };
  return { pinned, params: values, problems: problems.length > 0 ? problems : failed };
}

function pinnedStep(
  step: Step,
  workflow: string,
  tasks: ReadonlyMap<string, NamedTask>,
  values: Values,
  problems: string[],
): PinnedStep {
  if (step.kind === "run") {
    const argv = ["sh", "-c", step.command];
    return { ...step, named: { name: workflow, argv, params: values } };
  }
  if (step.kind !== "task") return step;
  const { task: name, params, timeoutMs, ...rest } = step;
  const task = tasks.get(name);
  if (task === undefined) problems.push(`there is no named task ${name}`);
  const passed = Object.entries(params).map(([key, written]) => {
    const passed = paramIn(written);
    return [key, passed === undefined ? written : values[passed]] as const;
  });
  const known = valuesFor(task?.params ?? new Map(), Object.fromEntries(passed));
  problems.push(...known.problems.map((problem) => `step ${step.name}: ${problem}`));
  const command = task?.command ?? [];
  return {
    ...rest,
    timeoutMs: timeoutMs ?? task?.timeoutMs ?? usualTimeoutMs,
    command: [name, ...command].join(" "),
    named: { name, argv: argvOf(command, known.values), params: known.values },
  } satisfies OrderStep;
}
