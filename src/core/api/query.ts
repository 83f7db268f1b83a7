/** Questions to the fleet, answered now. Must not know how they get there. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { flag, parameters, text, whole } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, envoyNamed, moment, targets } from "./shapes.ts";

const values = z.array(z.json()).describe("One a column, null where there is nothing.");

const counts = {
  asked: count("Envoys that were asked."),
  answered: count("Those that have answered so far, whatever they said."),
};

export const runQuery = endpoint({
  method: "POST",
  path: "/query",
  summary: "Asks envoys for values of their traits, and tells what they answer as it comes.",
  permission: "query.run",
  events: true,
  body: parameters({
    query: text("`where CONDITION select PATHS group by PATHS`, each where it is needed.", {
      pattern: /^[^\0]{1,4096}$/s,
      wanted: "a query of at most 4,096 letters",
    }),
    targets: targets("Who is asked").min(1).default(["*"]),
    wait: duration("For those who do not answer; 1s to 10m.").default("10s"),
    cached: flag("From what envoys told last, without asking them.").default(false),
    limit: whole("Rows, at most; the rest is counted.", { min: 1, max: 100_000 }).default(10_000),
  }),
  response: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("begin"),
      columns: z.array(z.string()).describe("What the values are."),
      grouped: z.boolean().describe("The rows are of groups, and come at the end."),
      asked: counts.asked,
      streams: count("Those of them that have a stream open."),
    }),
    z.object({
      kind: z.literal("row"),
      ...envoyNamed,
      values,
      collected_at: moment("The oldest of what it says; only with `cached`.").exactOptional(),
      warning: z.string().exactOptional().describe("What is not whole in it."),
    }),
    z.object({
      kind: z.literal("missing"),
      ...envoyNamed,
      reason: z.string().describe("Why it has not answered."),
    }),
    z.object({ kind: z.literal("progress"), ...counts }),
    z.object({ kind: z.literal("group"), values }),
    z.object({
      kind: z.literal("end"),
      ...counts,
      matched: count("Those for which the condition holds."),
      missing: count("Those that have not answered."),
      left_out: count("Rows above the limit."),
    }),
  ]),
});

export type QueryEvent = z.output<typeof runQuery.response>;
