/** `vigo cli auth token list` */
import { type ApiToken, listApiTokens } from "../../../../../core/api/api-tokens.ts";
import { command } from "../../../command.ts";
import { everyPage } from "../../../pages.ts";
import { relative } from "../../../print/moment.ts";
import { table } from "../../../print/table.ts";
import { visible } from "../../../print/text.ts";

export default command({
  args: { all: { type: "boolean", description: "Those of every user; only admins may." } },
  run: async ({ all }, { call }) => {
    const tokens = await everyPage(async (cursor) => {
      const query = { limit: 1000, all, ...(cursor === undefined ? {} : { cursor }) };
      const page = await call(listApiTokens, { params: {}, query });
      return { rows: page.tokens, cursor: page.cursor };
    });
    return { tokens };
  },
  print: ({ tokens }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["ID", "USER", "KIND", "STATE", "ENDS", "LABEL"],
      tokens.map((token) => [
        token.id,
        visible(token.user),
        token.kind,
        state(token, now),
        relative(token.expires_at, now),
        visible(token.label),
      ]),
      "No tokens. `vigo cli auth token create` makes one.",
    );
  },
});

function state({ revoked_at, expires_at }: ApiToken, now: Date): string {
  if (revoked_at !== undefined) return "revoked";
  return Date.parse(expires_at) <= now.getTime() ? "expired" : "usable";
}
