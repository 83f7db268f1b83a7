/** `vigo cli webusers disable NAME` */
import { disableUser } from "../../../../core/api/users.ts";
import { command } from "../../command.ts";

export default command({
  args: { name: { type: "positional", description: "Who." } },
  examples: ["vigo cli webusers disable ada"],
  run: ({ name }, { call }) => call(disableUser, { params: { name } }),
  print: ({ name }) => `${name} is shut out, with its sessions and tokens.`,
});
