/** Tasks that a step of a workflow ordered bear its name in place of WHO. Must not know workflows. */
import type { TaskRow } from "../store/tasks.ts";

const prefix = "workflow:";

/** What stands where WHO stands in a task that a person ordered; nobody can be named so. */
export const partOf = (workflow: string): TaskRow["asked"] => [`${prefix}${workflow}`];

/** Undefined for a task that a person ordered. */
export function workflowOf({ asked }: Pick<TaskRow, "asked">): string | undefined {
  const [only = ""] = asked;
  return only.startsWith(prefix) ? only.slice(prefix.length) : undefined;
}
