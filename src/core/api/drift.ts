/** The endpoint about drift: what machines had that the policy had mended before. Must not know where runs are kept. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { parameters, whole } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, glob, moment } from "./shapes.ts";

const found = z.object({
  value: z.string().exactOptional().describe("As found; absent: there was nothing."),
  times: count("In how many runs."),
});

const suspect = z.object({
  key: z.string().describe("A resource of the same policy, by its name there."),
  type: z.string().describe("Its resource type."),
  cause: z
    .enum(["intent", "drift", "upstream"])
    .describe("Why it was changed: policy, machine, world."),
  when: z
    .enum(["same run", "run before"])
    .describe("Changed earlier in the run that found the drift, or later in the run before."),
  times: count("How often, of the runs that were looked at for this."),
});

const drifted = z.object({
  key: z.string().describe("The resource, by its name in the policy."),
  type: z.string().describe("Its resource type."),
  fields: z.array(z.string()).describe("What differed."),
  envoys: count("Envoys on which it was found."),
  runs: count("Runs that mended it."),
  first_at: moment("The first of them in the time that was looked at."),
  last_at: moment("The last of them."),
  hostnames: z.array(z.string()).describe("Ten of the envoys at most, those with most runs first."),
  found: z
    .array(found)
    .describe("What stood there instead, three at most, the most frequent first."),
  suspects: z
    .array(suspect)
    .describe(
      "What Vigo itself changed between the last time it was right and the drift; empty: it was none of Vigo's doing.",
    ),
});

export type Drifted = z.output<typeof drifted>;

export const listDrift = endpoint({
  method: "GET",
  path: "/drift",
  summary:
    "Tells which resources were changed by others and mended, on how many envoys and since when.",
  permission: "fleet.read",
  query: parameters({
    since: duration("How far to look back.").default("24h"),
    limit: whole("Most rows in the answer.", { min: 1, max: 1000 }).default(100),
    hostname: glob("Only on envoys whose name matches.").exactOptional(),
  }),
  response: z.object({
    since: moment("How far back was looked; later than asked when there were too many runs."),
    runs: count("Runs with drift that were looked at."),
    resources: z.array(drifted).describe("Those on most envoys first."),
    left_out: count("Resources beyond the limit."),
  }),
});
