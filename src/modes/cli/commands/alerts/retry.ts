/** `vigo cli alerts retry` */
import { retryDelivery } from "../../../../core/api/alerts.ts";
import { command } from "../../command.ts";

export default command({
  args: {
    id: { type: "positional", description: "Of the delivery, as `alerts deliveries` lists it." },
  },
  examples: ["vigo cli alerts retry 17"],
  run: ({ id }, { call }) => call(retryDelivery, { params: { id } }),
  print: ({ id, target }) => `delivery ${id} to ${target} is tried again`,
});
