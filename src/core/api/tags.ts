/** The endpoints about tags: words that people give to envoys. Must not know where they are kept. */
import { z } from "zod";
import { list, parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, tag } from "./shapes.ts";

export const listTags = endpoint({
  method: "GET",
  path: "/tags",
  summary: "Lists tags, and how many envoys have each.",
  permission: "fleet.read",
  response: z.object({
    tags: z
      .array(
        z.object({
          tag: z.string().describe("The tag."),
          envoys: count("Envoys that have it and are not revoked."),
        }),
      )
      .describe("In the order of the alphabet."),
  }),
});

const tags = (description: string) => list(description, tag("A tag.")).max(32).default([]);

export const tagEnvoys = endpoint({
  method: "POST",
  path: "/tags",
  summary: "Gives envoys tags, and takes some from them.",
  permission: "fleet.write",
  body: parameters({
    targets: list(
      "Which: hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where:` with a condition.",
      text("One of them."),
    )
      .min(1)
      .max(100),
    set: tags("To give to each of them."),
    unset: tags("To take from each that has it."),
  }),
  response: z.object({
    envoys: z
      .array(
        z.object({
          envoy_id: z.string().describe("The envoy."),
          hostname: z.string().describe("Its name."),
          tags: z.array(z.string()).describe("All it has now, sorted."),
        }),
      )
      .describe("All that are meant, by hostname."),
  }),
});
