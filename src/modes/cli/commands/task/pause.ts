/** `vigo cli task pause ID` */
import { pauseTask } from "../../../../core/api/tasks.ts";
import { command } from "../../command.ts";
import { printCounts } from "../../print/task.ts";

export default command({
  args: { id: { type: "positional", description: "The task." } },
  examples: ["vigo cli task pause 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55"],
  run: ({ id }, { call }) => call(pauseTask, { params: { id } }),
  print: ({ id, counts, expires_at }) =>
    `task ${id} is paused: nobody begins, who runs it goes on (${printCounts(counts)})\nvigo cli task resume ${id}, before ${expires_at}`,
});
