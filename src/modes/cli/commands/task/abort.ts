/** `vigo cli task abort ID` */
import { abortTask } from "../../../../core/api/tasks.ts";
import { command } from "../../command.ts";
import { printCounts } from "../../print/task.ts";

export default command({
  args: { id: { type: "positional", description: "The task." } },
  examples: ["vigo cli task abort 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55"],
  run: ({ id }, { call }) => call(abortTask, { params: { id } }),
  print: ({ id, counts }) =>
    `task ${id} is stopped: nobody else begins, who runs it goes on to its end (${printCounts(counts)})`,
});
