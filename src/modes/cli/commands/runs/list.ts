/** `vigo cli runs list` */
import type { Answer, Sent } from "../../../../core/api/endpoint.ts";
import { listRuns, type Run } from "../../../../core/api/runs.ts";
import { misused } from "../../../../core/command/args.ts";
import { command } from "../../command.ts";
import { follow, followFlag } from "../../follow.ts";
import { type Columns, listFlags, printList } from "../../listing.ts";
import { atMost, everyPage, limitFlag } from "../../pages.ts";
import { relative, took } from "../../print/moment.ts";
import { stood } from "../../print/text.ts";

export default command({
  args: {
    envoy: { type: "string", description: "Only those of this envoy.", valueHint: "ID|HOSTNAME" },
    outcome: {
      type: "enum",
      description: "Only those that ended so.",
      options: ["ok", "changed", "pending", "failed"],
    },
    since: { type: "string", description: "Only those that began so long ago.", valueHint: "24h" },
    ...limitFlag,
    ...listFlags,
    ...followFlag,
  },
  examples: [
    "vigo cli runs list --envoy web-1 --outcome failed",
    "vigo cli runs list --since 24h --csv",
    "vigo cli runs list --follow",
  ],
  run: async (args, { call, screen }) => {
    const { envoy, outcome, since, limit } = args;
    const most = atMost(limit);
    let steady: readonly Span[] | undefined;
    const ask = async (more: Query, cursor?: string) => {
      const query = {
        limit: Math.min(most, 1000),
        ...more,
        ...(envoy === undefined ? {} : { envoy }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return call(listRuns, { params: {}, query });
    };
    const runs = await everyPage<Run>(async (cursor) => {
      const page = await ask(since === undefined ? {} : { since }, cursor);
      steady ??= page.steady;
      return { rows: page.runs, cursor: page.cursor };
    }, most);
    if (!args.follow) return { runs, ...(steady === undefined ? {} : { steady }) };
    if (args.csv) throw misused("--follow prints rows as they come; --csv is for lists that end");
    return follow(screen, {
      first: [...runs].reverse(),
      keyOf: ({ envoy_id, number }) => `${envoy_id} ${number}`,
      // What an agent could not tell at once comes late, so more than the time since the last question is asked for.
      ask: async () => (await ask({ since: "1h", limit: 1000 })).runs.toReversed(),
      print: (rows) => printList(screen, { ...list, rows }, args, new Date()),
    });
  },
  print: ({ runs, steady }, screen, args) => {
    const now = new Date();
    const rows = printList(screen, { ...list, rows: runs }, args, now);
    if (args.csv) return rows;
    return [rows, ...(steady ?? []).map((span) => printSteady(span, now))].join("\n");
  },
});

type Query = Sent<typeof listRuns>["query"];
type Span = NonNullable<Answer<typeof listRuns>["steady"]>[number];

const columns: Columns<Run> = {
  hostname: { value: ({ hostname }) => hostname },
  run: { value: ({ number }) => String(number) },
  outcome: {
    value: ({ outcome }) => outcome,
    shown: ({ outcome }, screen) => stood(screen, outcome),
  },
  started: {
    value: ({ started_at }) => started_at,
    shown: ({ started_at }, _, now) => relative(started_at, now),
  },
  took: {
    value: ({ duration_ms }) => String(duration_ms),
    shown: ({ duration_ms }) => took(duration_ms),
  },
  policy: { value: ({ policy_version }) => String(policy_version) },
  resources: { value: ({ counts }) => printCounts(counts) },
  id: { value: ({ envoy_id }) => envoy_id, extra: true },
};

const list = {
  columns,
  empty: "No such runs. Only those that changed something or failed are kept one by one.",
};

const printSteady = ({ first, last, first_at, last_at }: Span, now: Date): string =>
  `nothing changed in runs ${first} to ${last}, ${relative(first_at, now)} to ${relative(last_at, now)}`;

const printCounts = (counts: Run["counts"]): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ");
