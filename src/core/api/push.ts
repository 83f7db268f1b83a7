/** The endpoint that makes envoys check in and run at once. Must not know how they are told. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { parameters } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, envoyNamed, moment, targets } from "./shapes.ts";

const whom = targets("Who").min(1);

export const pushEnvoys = endpoint({
  method: "POST",
  path: "/envoys/push",
  summary: "Makes envoys check in and run now; who has no stream open does at its next check-in.",
  permission: "fleet.write",
  body: parameters({ targets: whom }),
  response: z.object({
    envoys: z
      .array(
        z.object({
          ...envoyNamed,
          told: z.boolean().describe("It has a stream open, and knows. Else it is told later."),
          maintenance_until: moment(
            "It is in maintenance: it checks in, and runs nothing.",
          ).exactOptional(),
        }),
      )
      .describe("All that are meant, by hostname."),
  }),
});

/** As many machines as one server has, each with its id and a number. */
const followBytes = 4 * 1024 * 1024;

const runs = z.record(z.string().max(64), z.int().min(0));

export const followPush = endpoint({
  method: "POST",
  path: "/envoys/push/follow",
  summary:
    "Makes envoys check in and run now, and tells how each of them ran, until all have or the time is over.",
  permission: "fleet.write",
  events: true,
  bodyLimit: followBytes,
  body: parameters({
    targets: whom,
    wait: duration("For those who do not run; 1s to 1h.").default("10m"),
    after: runs
      .describe(
        "To go on where a connection broke: of what `begin` gave, those that are left. They are the ones that are meant, whoever `targets` names now; who has run since is told of, the others are pushed again.",
      )
      .exactOptional(),
  }),
  response: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("begin"),
      asked: count("Envoys that are meant."),
      told: count("Those of them that have a stream open, and know. The others are told later."),
      after: runs.describe(
        "By envoy, the number of its newest run of then: what it runs now has a higher one.",
      ),
    }),
    z
      .object({
        kind: z.literal("ran"),
        ...envoyNamed,
        run: count("Number of its newest run."),
        outcome: z
          .enum(["ok", "changed", "pending", "failed"])
          .describe("failed when anything failed or was blocked."),
      })
      .describe("It has run since."),
    z
      .object({
        kind: z.literal("passed_over"),
        ...envoyNamed,
        maintenance_until: moment("It is in maintenance: it checks in, and runs nothing."),
      })
      .describe("Nobody waits for it."),
    z
      .object({ kind: z.literal("missing"), ...envoyNamed, reason: z.string().describe("Why.") })
      .describe("No run of it is known. It runs when it is back, within a day."),
    z.object({
      kind: z.literal("end"),
      asked: count("Envoys that were meant."),
      ran: count("Those that ran."),
      failed: count("Those of them whose run failed."),
      passed_over: count("Those in maintenance."),
      missing: count("Those of whom no run is known."),
    }),
  ]),
});

export type PushEvent = z.output<typeof followPush.response>;
