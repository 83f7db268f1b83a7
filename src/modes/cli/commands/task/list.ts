/** `vigo cli task list` */
import { listTasks, type Task } from "../../../../core/api/tasks.ts";
import { command } from "../../command.ts";
import { atMost, everyPage, limitFlag } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { printCounts } from "../../print/task.ts";
import { stood, visible } from "../../print/text.ts";

export default command({
  args: limitFlag,
  examples: ["vigo cli task list --limit 10"],
  run: async ({ limit }, { call }) => {
    const most = atMost(limit);
    const tasks = await everyPage<Task>(async (cursor) => {
      const query = { limit: Math.min(most, 1000), ...(cursor === undefined ? {} : { cursor }) };
      const page = await call(listTasks, { params: {}, query });
      return { rows: page.tasks, cursor: page.cursor };
    }, most);
    return { tasks };
  },
  print: ({ tasks }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["TASK", "STATE", "ORDERED", "BY", "TARGETS", "COMMAND"],
      tasks.map(({ id, state, created_at, actor, counts, command: line }) => [
        id,
        stood(screen, state),
        relative(created_at, now),
        visible(actor),
        printCounts(counts),
        visible(line.length > 60 ? `${line.slice(0, 60)}…` : line),
      ]),
      "No tasks.",
    );
  },
});
