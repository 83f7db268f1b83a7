/** `vigo cli envoys tag list` */
import { listTags } from "../../../../../core/api/tags.ts";
import { command } from "../../../command.ts";
import { table } from "../../../print/table.ts";
import { visible } from "../../../print/text.ts";

export default command({
  args: {},
  examples: ["vigo cli envoys tag list"],
  run: (_, { call }) => call(listTags, { params: {} }),
  print: ({ tags }, screen) =>
    table(
      screen,
      ["TAG", "ENVOYS"],
      tags.map(({ tag, envoys }) => [visible(tag), String(envoys)]),
      "No tags. `vigo cli envoys tag set WHO TAG` gives some.",
    ),
});
