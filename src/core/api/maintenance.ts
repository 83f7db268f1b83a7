/** The endpoint that lets several envoys alone for a while. Must not know how they hear of it. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { flag, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { envoyNamed, moment, targets } from "./shapes.ts";

export const maintainEnvoys = endpoint({
  method: "POST",
  path: "/maintenance",
  summary:
    "Lets envoys alone until a time, or ends that: they run nothing and raise no alert meanwhile.",
  permission: "fleet.write",
  body: parameters({
    targets: targets("Which").min(1),
    for: duration("How long, from now; 90d at most.").exactOptional(),
    until: text("Until when, ISO 8601 with a zone; 90 days ahead at most.").exactOptional(),
    off: flag("It is over."),
  }),
  response: z.object({
    envoys: z
      .array(
        z.object({
          ...envoyNamed,
          maintenance_until: moment("Until then; absent when it is over.").exactOptional(),
        }),
      )
      .describe("All that are meant, by hostname."),
  }),
});
