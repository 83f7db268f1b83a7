/** `vigo cli secrets list` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { listSecrets } from "../../../../core/api/secrets.ts";
import { command } from "../../command.ts";
import { type Columns, listFlags, momentOf, printList } from "../../listing.ts";

export default command({
  args: listFlags,
  examples: ["vigo cli secrets list"],
  run: (_, { call }) => call(listSecrets, { params: {} }),
  print: ({ secrets }, screen, args) =>
    printList(screen, { columns, rows: secrets, empty }, args, new Date()),
});

const empty = "No secrets. `vigo cli secrets set PATH` makes one.";

const columns: Columns<Answer<typeof listSecrets>["secrets"][number]> = {
  path: { value: ({ path }) => path },
  version: { value: ({ version }) => String(version) },
  changed: momentOf(({ changed_at }) => changed_at),
};
