/** `vigo cli enroll pending` */
import { listPending } from "../../../../core/api/pending.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    state: {
      type: "enum",
      description: "Only those decided so.",
      options: ["waiting", "approved", "rejected"],
      default: "waiting",
    },
  },
  run: ({ state }, { call }) => call(listPending, { params: {}, query: { state } }),
  print: ({ pending }, screen, { state }) => {
    const now = new Date();
    return table(
      screen,
      ["ID", "HOSTNAME", "ASKED", "FROM", "KEY", "WHY A PERSON IS ASKED"],
      pending.map((request) => [
        request.id,
        visible(request.hostname),
        relative(request.requested_at, now),
        visible(request.address),
        request.key_fingerprint,
        visible(request.reason),
      ]),
      `No machine is ${state}.`,
    );
  },
});
