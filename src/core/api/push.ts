/** The endpoint that makes envoys check in and run at once. Must not know how they are told. */
import { z } from "zod";
import { list, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { moment } from "./shapes.ts";

export const pushEnvoys = endpoint({
  method: "POST",
  path: "/envoys/push",
  summary: "Makes envoys check in and run now; who has no stream open does at its next check-in.",
  permission: "fleet.write",
  body: parameters({
    targets: list(
      "Who: hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where:` with a condition.",
      text("One of them."),
    )
      .min(1)
      .max(100),
  }),
  response: z.object({
    envoys: z
      .array(
        z.object({
          envoy_id: z.string().describe("The envoy."),
          hostname: z.string().describe("Its name."),
          told: z.boolean().describe("It has a stream open, and knows. Else it is told later."),
          maintenance_until: moment(
            "It is in maintenance: it checks in, and runs nothing.",
          ).exactOptional(),
        }),
      )
      .describe("All that are meant, by hostname."),
  }),
});
