/** `vigo cli alerts deliveries` */
import { type Delivery, listDeliveries } from "../../../../core/api/alerts.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { command } from "../../command.ts";
import { atMost, everyPage, limitFlag } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    ...limitFlag,
    state: {
      type: "enum",
      options: ["waiting", "sent", "dead"],
      description: "In this state only; dead are those that were given up.",
    },
  },
  examples: ["vigo cli alerts deliveries --state dead"],
  run: async ({ limit, state }, { call }) => {
    const most = atMost(limit);
    const deliveries = await everyPage(async (cursor) => {
      const query = {
        limit: Math.min(most, 1000),
        ...(cursor === undefined ? {} : { cursor }),
        ...(state === undefined ? {} : { state }),
      };
      const page = await call(listDeliveries, { params: {}, query });
      return { rows: page.deliveries, cursor: page.cursor };
    }, most);
    return { deliveries };
  },
  print: ({ deliveries }, screen) => deliveryTable(deliveries, screen),
});

/** As the test prints it, too. */
export function deliveryTable(deliveries: readonly Delivery[], screen: Screen): string {
  const now = new Date();
  return table(
    screen,
    ["ID", "TO", "STATE", "TRIES", "KIND", "WHAT", "ERROR"],
    deliveries.map(({ id, target, state, attempts, alert, error }) => [
      String(id),
      target,
      state,
      String(attempts),
      alert.kind,
      `${visible(alert.title)} (${relative(alert.at, now)})`,
      visible(error ?? ""),
    ]),
    "Nothing yet.",
  );
}
