/** `vigo cli tokens list` */
import { listTokens, type Token } from "../../../../core/api/tokens.ts";
import { printDuration } from "../../../../core/duration.ts";
import { command } from "../../command.ts";
import { type Columns, listFlags, momentOf, printList } from "../../listing.ts";

export default command({
  args: listFlags,
  examples: ["vigo cli tokens list"],
  run: (_, { call }) => call(listTokens, { params: {} }),
  print: ({ tokens }, screen, args) =>
    printList(screen, { columns, rows: tokens, empty }, args, new Date()),
});

const empty = "No tokens. `vigo cli tokens create` makes one.";

const columns: Columns<Token> = {
  id: { value: ({ id }) => id },
  state: { value: state },
  uses: { value: ({ uses_left: left }) => (left === undefined ? "any" : String(left)) },
  ends: momentOf(({ expires_at }) => expires_at),
  match: { value: ({ match }) => match ?? "*" },
  label: { value: ({ label }) => label },
  silence: {
    value: ({ ephemeral_s: s }) => (s === undefined ? "" : printDuration(s * 1000)),
  },
  made: { ...momentOf(({ created_at }) => created_at), extra: true },
};

function state(token: Token): string {
  if (token.usable) return "usable";
  if (token.revoked_at !== undefined) return "revoked";
  return Date.parse(token.expires_at) <= Date.now() ? "expired" : "used up";
}
