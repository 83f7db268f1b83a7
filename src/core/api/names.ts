/** The endpoint that tells which names the policy in force declares: what completes them asks. Must not know what they stand for. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";

const names = (what: string) => z.array(z.string()).describe(what);

export const listNames = endpoint({
  method: "GET",
  path: "/config/names",
  summary: "Lists the names that the policy in force declares, by kind.",
  permission: "config.read",
  response: z.object({
    roles: names("Roles."),
    environments: names("Environments, whatever folder they are in."),
    configcrates: names("Configcrates and usercrates."),
    tasks: names("Named tasks."),
    workflows: names("Workflows."),
  }),
});
