/** `vigo cli alerts list` */
import { listAlerts } from "../../../../core/api/alerts.ts";
import { command } from "../../command.ts";
import { atMost, everyPage, limitFlag } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: limitFlag,
  examples: ["vigo cli alerts list", "vigo cli alerts list --limit 500 --json"],
  run: async ({ limit }, { call }) => {
    const most = atMost(limit);
    const alerts = await everyPage(async (cursor) => {
      const query = { limit: Math.min(most, 1000), ...(cursor === undefined ? {} : { cursor }) };
      const page = await call(listAlerts, { params: {}, query });
      return { rows: page.alerts, cursor: page.cursor };
    }, most);
    return { alerts };
  },
  print: ({ alerts }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["AT", "SEVERITY", "KIND", "TITLE"],
      alerts.map(({ at, severity, kind, title }) => [
        relative(at, now),
        severity,
        kind,
        visible(title),
      ]),
      "Nothing yet.",
    );
  },
});
