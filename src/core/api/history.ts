/** The endpoints about how things went: of one envoy, and of the fleet. Must not know where that is kept. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { parameters } from "../params.ts";
import { statuses } from "../status.ts";
import { endpoint } from "./endpoint.ts";
import { count, moment } from "./shapes.ts";

export const stretchKinds = [
  "converged",
  "changed",
  "upstream",
  "drift",
  "pending",
  "failed",
  "silent",
] as const;

const stretch = z.object({
  kind: z
    .enum(stretchKinds)
    .describe(
      "What its runs have in common: nothing changed · changed by the policy · by the world · drift was mended · left pending · failed; or nothing was heard.",
    ),
  first: count("Number of its first run; a silence has none.").exactOptional(),
  last: count("Number of its last run.").exactOptional(),
  first_at: moment("When its first run began; of a silence, when the last run before it began."),
  last_at: moment("When its last run began; of a silence, when the next one did."),
});

export type Stretch = z.output<typeof stretch>;

const since = duration("How far to look back.").default("7d");

export const showHistory = endpoint({
  method: "GET",
  path: "/envoys/:id/history",
  summary: "Tells how an envoy has been doing, in stretches of like runs.",
  permission: "fleet.read",
  query: parameters({ since }),
  response: z.object({
    since: moment("How far back it goes; later than asked when there was too much."),
    runs: z.record(z.enum(stretchKinds), z.int()).describe("Runs by kind."),
    stretches: z.array(stretch).describe("The newest first."),
  }),
});

const sample = z.object({
  at: moment("When it was taken."),
  envoys: z.record(z.enum(statuses), z.int()).describe("Envoys by status, without revoked ones."),
  drifting: count("Of these, such whose last run mended drift."),
  intended: count(
    "Of these, such whose last run changed what the policy asked for, and nothing else.",
  ),
  convergence_pct: z
    .number()
    .exactOptional()
    .describe("Converged, or changed by intent only, of those that are not offline."),
});

export type Sample = z.output<typeof sample>;

export const showTrend = endpoint({
  method: "GET",
  path: "/trend",
  summary: "Tells how the fleet has been doing.",
  permission: "fleet.read",
  query: parameters({ since }),
  response: z.object({
    samples: z
      .array(sample)
      .describe("The oldest first, 200 at most, evenly spread over the time."),
  }),
});
