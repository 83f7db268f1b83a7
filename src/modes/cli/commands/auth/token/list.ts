/** `vigo cli auth token list` */
import { type ApiToken, listApiTokens } from "../../../../../core/api/api-tokens.ts";
import { command } from "../../../command.ts";
import { type Columns, listFlags, momentOf, printList } from "../../../listing.ts";
import { everyPage } from "../../../pages.ts";

export default command({
  args: {
    all: { type: "boolean", description: "Those of every user; only admins may." },
    ...listFlags,
  },
  examples: ["vigo cli auth token list", "vigo cli auth token list --all"],
  run: async ({ all }, { call }) => {
    const tokens = await everyPage(async (cursor) => {
      const query = { limit: 1000, all, ...(cursor === undefined ? {} : { cursor }) };
      const page = await call(listApiTokens, { params: {}, query });
      return { rows: page.tokens, cursor: page.cursor };
    });
    return { tokens };
  },
  print: ({ tokens }, screen, args) =>
    printList(screen, { columns, rows: tokens, empty }, args, new Date()),
});

const empty = "No tokens. `vigo cli auth token create` makes one.";

const columns: Columns<ApiToken> = {
  id: { value: ({ id }) => id },
  user: { value: ({ user }) => user },
  kind: { value: ({ kind }) => kind },
  state: { value: state },
  ends: momentOf(({ expires_at }) => expires_at),
  label: { value: ({ label }) => label },
};

function state({ revoked_at, expires_at }: ApiToken): string {
  if (revoked_at !== undefined) return "revoked";
  return Date.parse(expires_at) <= Date.now() ? "expired" : "usable";
}
