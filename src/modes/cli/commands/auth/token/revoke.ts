/** `vigo cli auth token revoke ID` */
import { revokeApiToken } from "../../../../../core/api/api-tokens.ts";
import { command } from "../../../command.ts";

export default command({
  args: {
    id: { type: "positional", description: "Its public part, as `auth token list` shows it." },
  },
  examples: ["vigo cli auth token revoke 7f3a91c20b1d"],
  run: ({ id }, { call }) => call(revokeApiToken, { params: { id } }),
  print: ({ id, user }) => `${id} of ${user} calls nobody any more.`,
});
