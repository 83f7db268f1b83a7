/** `vigo cli audit list` */
import { type Entry, listAudit } from "../../../../core/api/audit.ts";
import { command } from "../../command.ts";
import { type Columns, listFlags, momentOf, printList } from "../../listing.ts";
import { newest, recentFlags } from "../../pages.ts";

export default command({
  args: { ...recentFlags, ...listFlags },
  examples: ["vigo cli audit list --since 24h --columns at,who,did,to"],
  run: async (args, { call }) => {
    const ask = async (query: { readonly limit: number; readonly cursor?: string }) => {
      const { entries, cursor } = await call(listAudit, { params: {}, query });
      return { rows: entries, cursor };
    };
    return { entries: await newest(args, ask, ({ at }) => at) };
  },
  print: ({ entries }, screen, args) =>
    printList(screen, { columns, rows: entries, empty: "Nothing yet." }, args, new Date()),
});

const columns: Columns<Entry> = {
  at: momentOf(({ at }) => at),
  who: { value: ({ actor }) => actor },
  did: { value: ({ action }) => action },
  to: { value: ({ subject }) => subject },
  detail: { value: ({ detail }) => (detail === null ? "" : JSON.stringify(detail)) },
  request: { value: ({ request_id: request }) => request ?? "" },
  id: { value: ({ id }) => String(id), extra: true },
  hash: { value: ({ hash }) => hash, extra: true },
};
