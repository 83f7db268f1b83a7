/** `vigo cli webusers enable NAME` */
import { enableUser } from "../../../../core/api/users.ts";
import { command } from "../../command.ts";

export default command({
  args: { name: { type: "positional", description: "Who." } },
  examples: ["vigo cli webusers enable ada"],
  run: ({ name }, { call }) => call(enableUser, { params: { name } }),
  print: ({ name }) => `${name} may log in again; tokens that were not revoked hold again.`,
});
