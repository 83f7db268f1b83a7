/** `vigo cli enroll pending` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { listPending } from "../../../../core/api/pending.ts";
import { command } from "../../command.ts";
import { type Columns, listFlags, momentOf, printList } from "../../listing.ts";

export default command({
  args: {
    state: {
      type: "enum",
      description: "Only those decided so.",
      options: ["waiting", "approved", "rejected"],
      default: "waiting",
    },
    ...listFlags,
  },
  examples: ["vigo cli enroll pending", "vigo cli enroll pending --state rejected"],
  run: ({ state }, { call }) => call(listPending, { params: {}, query: { state } }),
  print: ({ pending }, screen, args) => {
    const list = { columns, rows: pending, empty: `No machine is ${args.state}.` };
    return printList(screen, list, args, new Date());
  },
});

const columns: Columns<Answer<typeof listPending>["pending"][number]> = {
  id: { value: ({ id }) => id },
  hostname: { value: ({ hostname }) => hostname },
  asked: momentOf(({ requested_at }) => requested_at),
  from: { value: ({ address }) => address },
  key: { value: ({ key_fingerprint: key }) => key },
  why: { value: ({ reason }) => reason },
};
