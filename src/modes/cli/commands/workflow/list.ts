/** `vigo cli workflow list` */
import { listWorkflows } from "../../../../core/api/workflows.ts";
import { command } from "../../command.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {},
  examples: ["vigo cli workflow list"],
  run: (_, { call }) => call(listWorkflows, { params: {} }),
  print: ({ workflows }, screen) =>
    table(
      screen,
      ["WORKFLOW", "FOR", "PARAMETERS", "STEPS", "WHAT IT DOES"],
      workflows.map(({ name, targets, params, steps, description }) => [
        visible(name),
        visible(targets.join(" ") || "--target"),
        visible(
          params
            .map(
              ({ name: param, default: usual }) =>
                `${param}${usual === undefined ? "" : `=${usual}`}`,
            )
            .join(" "),
        ),
        String(steps.length),
        visible(description),
      ]),
      "No workflows are published: they are files under workflows/.",
    ),
});
