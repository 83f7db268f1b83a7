/** `vigo cli task describe [NAME]` */
import { listNamedTasks, type NamedTaskShown } from "../../../../core/api/tasks.ts";
import { unknownWord } from "../../../../core/did-you-mean.ts";
import { printDuration } from "../../../../core/duration.ts";
import { VigoError } from "../../../../core/errors.ts";
import { command } from "../../command.ts";
import { facts, table } from "../../print/table.ts";
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
    if (one && task !== undefined) return described(task);
    const rows = tasks.map(({ name, params, description }) => [
      visible(name),
      params.map((param) => param.name).join(" "),
      visible(description),
    ]);
    const none = "No named tasks: write tasks/NAME.vgo, and publish.";
    return table(screen, ["TASK", "PARAMETERS", "WHAT FOR"], rows, none);
  },
});

function described(task: NamedTaskShown): string {
  const { name, description, command: words, timeout_ms: timeout, roles, file, params } = task;
  const about = facts([
    ["task", visible(name)],
    ["for", description === "" ? undefined : visible(description)],
    ["command", visible(words.join(" "))],
    ["timeout", timeout === undefined ? undefined : printDuration(timeout)],
    ["roles", roles.length === 0 ? undefined : roles.join(", ")],
    ["file", visible(file)],
  ]);
  const each = params.map((param) => {
    const wanted = param.default === undefined ? "required" : `default ${param.default}`;
    const more = param.description === "" ? "" : `: ${visible(param.description)}`;
    return `  --param ${param.name}=…  ${visible(param.takes)}, ${visible(wanted)}${more}`;
  });
  return [about, ...(each.length === 0 ? [] : ["", "parameters", ...each])].join("\n");
}
