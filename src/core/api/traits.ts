/** The endpoint about what a machine told of itself. Must not know any trait. */
import { z } from "zod";
import { parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { moment } from "./shapes.ts";

/** A way into the traits: a section, then names and `[places]`. */
export const traitPath = (description: string) =>
  text(description, {
    pattern: /^[a-z][a-z0-9_]{0,63}(?:[.[][^\p{Cc}]{0,400})?$/u,
    wanted: "a trait like os.distro",
  });

export const showTraits = endpoint({
  method: "GET",
  path: "/envoys/:id/traits",
  summary: "Shows what an envoy last told of itself.",
  permission: "fleet.read",
  query: parameters({
    path: traitPath("Only this section, or the value there: os, os.distro.").exactOptional(),
  }),
  response: z.object({
    id: z.string().describe("Of the envoy."),
    hostname: z.string().describe("Its name."),
    sections: z
      .array(
        z.object({
          name: z.string().describe("The trait."),
          collected_at: moment("When the machine looked."),
          stale: z.boolean().describe("It could not be collected since."),
          value: z.json().describe("The whole section, or what is at the path."),
        }),
      )
      .describe("By name; without those that the machine has not."),
  }),
});
