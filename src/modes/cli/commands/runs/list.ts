/** `vigo cli runs list` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { listRuns, type Run } from "../../../../core/api/runs.ts";
import { command } from "../../command.ts";
import { atMost, everyPage, limitFlag } from "../../pages.ts";
import { relative, took } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { stood, visible } from "../../print/text.ts";

export default command({
  args: {
    envoy: { type: "string", description: "Only those of this envoy.", valueHint: "ID|HOSTNAME" },
    outcome: {
      type: "enum",
      description: "Only those that ended so.",
      options: ["ok", "changed", "pending", "failed"],
    },
    ...limitFlag,
  },
  examples: ["vigo cli runs list --envoy web-1 --outcome failed"],
  run: async ({ envoy, outcome, limit }, { call }) => {
    const most = atMost(limit);
    let steady: readonly Span[] | undefined;
    const runs = await everyPage<Run>(async (cursor) => {
      const query = {
        limit: Math.min(most, 1000),
        ...(envoy === undefined ? {} : { envoy }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await call(listRuns, { params: {}, query });
      steady ??= page.steady;
      return { rows: page.runs, cursor: page.cursor };
    }, most);
    return { runs, ...(steady === undefined ? {} : { steady }) };
  },
  print: ({ runs, steady }, screen) => {
    const now = new Date();
    const rows = table(
      screen,
      ["HOSTNAME", "RUN", "OUTCOME", "STARTED", "TOOK", "POLICY", "RESOURCES"],
      runs.map((run) => [
        visible(run.hostname),
        String(run.number),
        stood(screen, run.outcome),
        relative(run.started_at, now),
        took(run.duration_ms),
        String(run.policy_version),
        printCounts(run.counts),
      ]),
      "No such runs. Only those that changed something or failed are kept one by one.",
    );
    return [rows, ...(steady ?? []).map((span) => printSteady(span, now))].join("\n");
  },
});

type Span = NonNullable<Answer<typeof listRuns>["steady"]>[number];

const printSteady = ({ first, last, first_at, last_at }: Span, now: Date): string =>
  `nothing changed in runs ${first} to ${last}, ${relative(first_at, now)} to ${relative(last_at, now)}`;

const printCounts = (counts: Run["counts"]): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ");
