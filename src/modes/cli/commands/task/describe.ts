/** `vigo cli task describe [NAME]` */
import { listNamedTasks } from "../../../../core/api/tasks.ts";
import { unknownWord } from "../../../../core/did-you-mean.ts";
import { VigoError } from "../../../../core/errors.ts";
import { command } from "../../command.ts";
import { describedTask } from "../../print/declared.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    name: {
      type: "positional",
      description: "A named task of the published policy; without it all are listed.",
      required: false,
    },
  },
  examples: ["vigo cli task describe", "vigo cli task describe restart-web"],
  run: async ({ name }, { call }) => {
    const { tasks } = await call(listNamedTasks, { params: {} });
    const found = tasks.filter((task) => name === undefined || task.name === name);
    if (name !== undefined && found.length === 0)
      throw new VigoError(
        "missing",
        unknownWord(
          "named task",
          name,
          tasks.map((task) => task.name),
        ),
        { hint: "vigo cli task describe lists them all" },
      );
    return { one: name !== undefined, tasks: found };
  },
  print: ({ one, tasks }, screen) => {
    const [task] = tasks;
    if (one && task !== undefined) return describedTask(task);
    const rows = tasks.map(({ name, params, description }) => [
      visible(name),
      params.map((param) => param.name).join(" "),
      visible(description),
    ]);
    const none = "No named tasks: write tasks/NAME.vgo, and publish.";
    return table(screen, ["TASK", "PARAMETERS", "WHAT FOR"], rows, none);
  },
});
