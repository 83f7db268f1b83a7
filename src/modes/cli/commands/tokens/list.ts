/** `vigo cli tokens list` */
import { listTokens, type Token } from "../../../../core/api/tokens.ts";
import { printDuration } from "../../../../core/duration.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {},
  run: (_, { call }) => call(listTokens, { params: {} }),
  print: ({ tokens }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["ID", "STATE", "USES LEFT", "ENDS", "MATCH", "LABEL", "SILENCE"],
      tokens.map((token) => [
        token.id,
        state(token, now),
        token.uses_left === undefined ? "any" : String(token.uses_left),
        relative(token.expires_at, now),
        token.match ?? "*",
        visible(token.label),
        token.ephemeral_s === undefined
          ? ""
          : `forgotten after ${printDuration(token.ephemeral_s * 1000)}`,
      ]),
      "No tokens. `vigo cli tokens create` makes one.",
    );
  },
});

function state(token: Token, now: Date): string {
  if (token.usable) return "usable";
  if (token.revoked_at !== undefined) return "revoked";
  return Date.parse(token.expires_at) <= now.getTime() ? "expired" : "used up";
}
