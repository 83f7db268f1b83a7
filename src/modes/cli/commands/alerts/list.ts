/** `vigo cli alerts list` */
import { type Alert, listAlerts } from "../../../../core/api/alerts.ts";
import { command } from "../../command.ts";
import { type Columns, listFlags, momentOf, printList } from "../../listing.ts";
import { newest, recentFlags } from "../../pages.ts";

export default command({
  args: { ...recentFlags, ...listFlags },
  examples: ["vigo cli alerts list --since 24h", "vigo cli alerts list --limit 500 --json"],
  run: async (args, { call }) => {
    const ask = async (query: { readonly limit: number; readonly cursor?: string }) => {
      const { alerts, cursor } = await call(listAlerts, { params: {}, query });
      return { rows: alerts, cursor };
    };
    return { alerts: await newest(args, ask, ({ at }) => at) };
  },
  print: ({ alerts }, screen, args) =>
    printList(screen, { columns, rows: alerts, empty: "Nothing yet." }, args, new Date()),
});

const columns: Columns<Alert> = {
  at: momentOf(({ at }) => at),
  severity: { value: ({ severity }) => severity },
  kind: { value: ({ kind }) => kind },
  title: { value: ({ title }) => title },
};
