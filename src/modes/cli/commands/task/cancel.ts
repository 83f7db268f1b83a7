/** `vigo cli task cancel ID` */
import { cancelTask } from "../../../../core/api/tasks.ts";
import { command } from "../../command.ts";
import { printCounts } from "../../print/task.ts";

export default command({
  args: { id: { type: "positional", description: "The task." } },
  examples: ["vigo cli task cancel 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55"],
  run: ({ id }, { call }) => call(cancelTask, { params: { id } }),
  print: ({ id, counts }) =>
    `task ${id} is cancelled: who has not begun does not begin, who runs it is stopped (${printCounts(counts)})`,
});
