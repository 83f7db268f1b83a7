/** What a workflow says of other files: named tasks that there are, and values that they take. Must not know how steps are written. */
import { unknownWord } from "../did-you-mean.ts";
import { kindOf, type Param, paramIn, readValue } from "../tasks/values.ts";
import type { NamedTask } from "./declared.ts";
import type { TaskUse } from "./declare-step.ts";
import type { PlacedWorkflow } from "./declare-workflow.ts";
import type { Findings } from "./findings.ts";
import type { Placed } from "./model.ts";
import { clip } from "./node.ts";

export function checkWorkflows(
  workflows: ReadonlyMap<string, PlacedWorkflow>,
  tasks: ReadonlyMap<string, NamedTask>,
  found: Findings,
): void {
  for (const { uses, workflow } of workflows.values())
    for (const use of uses) {
      const { value, place } = use.task;
      const task = tasks.get(value);
      if (task !== undefined) checkUse(use, task, workflow.params, found);
      else
        found.problem("VG411", place, clip(value), {
          message: unknownWord("named task", value, [...tasks.keys()]),
          hint: `make tasks/${clip(value)}.vgo with task: ${clip(value)} and command: [program, word]`,
        });
    }
}

function checkUse(
  { task: { place, value: name }, given }: TaskUse,
  { params }: NamedTask,
  own: ReadonlyMap<string, Param>,
  found: Findings,
): void {
  for (const [needed, param] of params)
    if (param.default === undefined && !given.some((each) => each.name === needed))
      found.problem("VG411", place, clip(name), {
        message: `${name} needs the parameter ${needed}: ${kindOf(param)}`,
        hint: `add params: {${needed}: …} to the step`,
      });
  for (const { name: asked, value } of given) {
    const param = params.get(asked);
    if (param !== undefined) checkValue(asked, value, param, own, found);
    else
      found.problem("VG411", value.place, clip(asked), {
        message: unknownWord("parameter", asked, [...params.keys()], ` of ${name}`),
      });
  }
}

/** What a parameter of the workflow comes to is known when it is run. */
function checkValue(
  name: string,
  { value, place }: Placed<string>,
  param: Param,
  own: ReadonlyMap<string, Param>,
  found: Findings,
): void {
  const passed = paramIn(value);
  if (passed !== undefined && !own.has(passed))
    found.problem("VG411", place, clip(value), {
      message: unknownWord("parameter", passed, [...own.keys()], " of this workflow"),
      hint: `declare it under \`params:\` of the workflow`,
    });
  const fits = passed === undefined ? readValue(param, value) : undefined;
  if (fits !== undefined && "wanted" in fits)
    found.problem("VG501", place, clip(value), {
      message: `parameter ${name} must be ${fits.wanted}, not "${clip(value)}"`,
    });
}
