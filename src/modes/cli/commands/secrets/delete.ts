/** `vigo cli secrets delete PATH` */
import { deleteSecret } from "../../../../core/api/secrets.ts";
import { command } from "../../command.ts";

export default command({
  args: { path: { type: "positional", description: "What policy calls it, like web/db." } },
  examples: ["vigo cli secrets delete web/db"],
  run: ({ path }, { call }) => call(deleteSecret, { params: {}, body: { path } }),
  print: ({ path, version }) =>
    `Deleted ${path} (version ${version}). Resources that still need it are blocked when they next look.`,
});
