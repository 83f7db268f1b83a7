/** Named tasks and workflows of the published policy, explained to a person. Must not know where they come from. */
import type { NamedTaskShown } from "../../../core/api/tasks.ts";
import type { Workflow } from "../../../core/api/workflows.ts";
import { printDuration } from "../../../core/duration.ts";
import { facts } from "./table.ts";
import { visible } from "./text.ts";

export function describedTask(task: NamedTaskShown): string {
  const { name, description, command: words, timeout_ms: timeout, roles, file, params } = task;
  const about = facts([
    ["task", visible(name)],
    ["for", description === "" ? undefined : visible(description)],
    ["command", visible(words.join(" "))],
    ["timeout", timeout === undefined ? undefined : printDuration(timeout)],
    ["roles", roles.length === 0 ? undefined : roles.join(", ")],
    ["file", visible(file)],
  ]);
  return [about, ...described(params)].join("\n");
}

export function describedWorkflow(workflow: Workflow): string {
  const { name, description, targets, roles, place, params, steps } = workflow;
  const about = facts([
    ["workflow", visible(name)],
    ["for", description === "" ? undefined : visible(description)],
    ["targets", targets.length === 0 ? "as --target says" : visible(targets.join(" "))],
    ["roles", roles.length === 0 ? undefined : roles.join(", ")],
    ["place", visible(place)],
  ]);
  const numbered = steps.map((step, at) => `  ${at + 1}  ${visible(step)}`);
  return [about, ...described(params), "", "steps", ...numbered].join("\n");
}

interface Param {
  readonly name: string;
  readonly takes: string;
  readonly description: string;
  readonly default?: string | number | boolean;
}

function described(params: readonly Param[]): readonly string[] {
  const each = params.map((param) => {
    const wanted = param.default === undefined ? "required" : `default ${param.default}`;
    const more = param.description === "" ? "" : `: ${visible(param.description)}`;
    return `  --param ${param.name}=…  ${visible(param.takes)}, ${visible(wanted)}${more}`;
  });
  return each.length === 0 ? [] : ["", "parameters", ...each];
}
