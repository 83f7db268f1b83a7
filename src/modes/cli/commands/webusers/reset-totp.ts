/** `vigo cli webusers reset-totp NAME` */
import { resetTotp } from "../../../../core/api/users.ts";
import { command } from "../../command.ts";

export default command({
  args: { name: { type: "positional", description: "Who." } },
  examples: ["vigo cli webusers reset-totp ada"],
  run: ({ name }, { call }) => call(resetTotp, { params: { name } }),
  print: ({ name }) => `${name} logs in without a code.`,
});
