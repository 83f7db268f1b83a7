/** The endpoints about tags: words that people give to envoys. Must not know where they are kept. */
import { z } from "zod";
import { list, parameters } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, envoyNamed, tag, targets } from "./shapes.ts";

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
    targets: targets("Which").min(1),
    set: tags("To give to each of them."),
    unset: tags("To take from each that has it."),
  }),
  response: z.object({
    envoys: z
      .array(
        z.object({
          ...envoyNamed,
          tags: z.array(z.string()).describe("All it has now, sorted."),
        }),
      )
      .describe("All that are meant, by hostname."),
  }),
});
