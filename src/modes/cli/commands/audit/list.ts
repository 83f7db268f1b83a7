/** `vigo cli audit list` */
import { listAudit } from "../../../../core/api/audit.ts";
import { command } from "../../command.ts";
import { atMost, everyPage, limitFlag } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: limitFlag,
  run: async ({ limit }, { call }) => {
    const most = atMost(limit);
    const entries = await everyPage(async (cursor) => {
      const query = { limit: Math.min(most, 1000), ...(cursor === undefined ? {} : { cursor }) };
      const page = await call(listAudit, { params: {}, query });
      return { rows: page.entries, cursor: page.cursor };
    }, most);
    return { entries };
  },
  print: ({ entries }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["AT", "WHO", "DID", "TO", "DETAIL", "REQUEST"],
      entries.map(({ at, actor, action, subject, detail, request_id: request }) => [
        relative(at, now),
        visible(actor),
        visible(action),
        visible(subject),
        visible(JSON.stringify(detail)),
        visible(request ?? ""),
      ]),
      "Nothing yet.",
    );
  },
});
