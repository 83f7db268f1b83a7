/** The endpoints about runs. Must not know where they are kept. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { choice, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, cursor, moment, paging } from "./shapes.ts";

const runOutcomes = ["ok", "changed", "pending", "failed"] as const;
const resourceOutcomes = ["ok", "changed", "pending", "skipped", "blocked", "failed"] as const;

const run = z.object({
  envoy_id: z.string().describe("Whose run it is."),
  hostname: z.string().describe("That envoy's name."),
  number: count("Counts up per envoy."),
  outcome: z.enum(runOutcomes).describe("failed when anything failed or was blocked."),
  policy_version: count("What it enforced."),
  started_at: moment("When it began, by the envoy's clock."),
  duration_ms: count("How long it took."),
  counts: z.record(z.enum(resourceOutcomes), z.int()).describe("Resources by outcome."),
});

const change = z.object({
  field: z.string().describe("What differed."),
  from: z.string().exactOptional().describe("As found; absent: there was nothing."),
  to: z.string().exactOptional().describe("As wanted; absent: nothing is wanted."),
  cause: z
    .enum(["intent", "drift", "upstream"])
    .describe("Who moved: the policy, the machine, or the world."),
  diff: z
    .string()
    .exactOptional()
    .describe("A unified diff, bounded, where the two would say too little."),
});

const runDetail = run.extend({
  resources: z
    .array(
      z.object({
        key: z.string().describe("Its name in the policy."),
        type: z.string().describe("Its resource type."),
        outcome: z.enum(resourceOutcomes).describe("How it ended."),
        changes: z.array(change).describe("What differed."),
        reason: z.string().exactOptional().describe("Why it was skipped, blocked or failed."),
        duration_ms: count("How long it took."),
      }),
    )
    .describe("In the order they were enforced."),
});

const span = z.object({
  first: count("Number of its first run."),
  last: count("Number of its last run."),
  first_at: moment("When the first began."),
  last_at: moment("When the last began."),
});

export type Run = z.output<typeof run>;
export type RunDetail = z.output<typeof runDetail>;

export const listRuns = endpoint({
  method: "GET",
  path: "/runs",
  summary: "Lists runs that changed something or failed, the newest first.",
  permission: "fleet.read",
  query: parameters({
    ...paging,
    envoy: text("Only those of this envoy, by UUID or hostname.").exactOptional(),
    outcome: choice("Only those that ended so.", runOutcomes).exactOptional(),
    since: duration("Only those that began so long ago, or later.").exactOptional(),
  }),
  response: z.object({
    runs: z.array(run).describe("One page of them."),
    steady: z
      .array(span)
      .exactOptional()
      .describe(
        "The newest 20 stretches of runs without a change; only when one envoy is asked for.",
      ),
    cursor,
  }),
});

export const showRun = endpoint({
  method: "GET",
  path: "/envoys/:id/runs/:number",
  summary: "Shows one run of an envoy with its resources.",
  permission: "fleet.read",
  response: runDetail,
});
