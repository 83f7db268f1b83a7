/** `vigo cli alerts deliveries` */
import { type Delivery, listDeliveries } from "../../../../core/api/alerts.ts";
import { command } from "../../command.ts";
import { type Columns, type List, listFlags, printList } from "../../listing.ts";
import { newest, recentFlags } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    ...recentFlags,
    state: {
      type: "enum",
      options: ["waiting", "sent", "dead"],
      description: "In this state only; dead are those that were given up.",
    },
    ...listFlags,
  },
  examples: ["vigo cli alerts deliveries --state dead"],
  run: async (args, { call }) => {
    const only = args.state === undefined ? {} : { state: args.state };
    const ask = async (page: { readonly limit: number; readonly cursor?: string }) => {
      const query = { ...page, ...only };
      const { deliveries, cursor } = await call(listDeliveries, { params: {}, query });
      return { rows: deliveries, cursor };
    };
    return { deliveries: await newest(args, ask, ({ alert }) => alert.at) };
  },
  print: ({ deliveries }, screen, args) =>
    printList(screen, deliveryList(deliveries), args, new Date()),
});

/** As the test prints it, too. */
export const deliveryList = (rows: readonly Delivery[]): List<Delivery> => ({
  columns,
  rows,
  empty: "Nothing yet.",
});

const columns: Columns<Delivery> = {
  id: { value: ({ id }) => String(id) },
  to: { value: ({ target }) => target },
  state: { value: ({ state }) => state },
  tries: { value: ({ attempts }) => String(attempts) },
  kind: { value: ({ alert }) => alert.kind },
  what: {
    value: ({ alert }) => alert.title,
    shown: ({ alert }, _, now) => `${visible(alert.title)} (${relative(alert.at, now)})`,
  },
  error: { value: ({ error }) => error ?? "" },
  at: { value: ({ alert }) => alert.at, extra: true },
};
