/** `vigo cli tokens revoke ID` */
import { revokeToken } from "../../../../core/api/tokens.ts";
import { command } from "../../command.ts";

export default command({
  args: { id: { type: "positional", description: "Its public part, as `tokens list` shows it." } },
  examples: ["vigo cli tokens revoke 7f3a91c2"],
  run: ({ id }, { call }) => call(revokeToken, { params: { id } }),
  print: ({ id }) => `${id} enrols nobody any more; who enrolled with it stays.`,
});
