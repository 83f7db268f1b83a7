/** `vigo cli alerts test` */
import { testAlerts } from "../../../../core/api/alerts.ts";
import { command } from "../../command.ts";
import { printList } from "../../listing.ts";
import { deliveryList } from "./deliveries.ts";

export default command({
  args: {
    target: {
      type: "positional",
      required: false,
      description: "`mail`, or the name of a webhook; all of them when left out.",
    },
  },
  examples: ["vigo cli alerts test", "vigo cli alerts test mail"],
  run: ({ target }, { call }) =>
    call(testAlerts, { params: {}, body: target === undefined ? {} : { target } }),
  print: ({ deliveries }, screen) =>
    printList(screen, deliveryList(deliveries), { columns: undefined, csv: false }, new Date()),
  exit: ({ deliveries }) => (deliveries.every(({ state }) => state === "sent") ? 0 : 1),
});
