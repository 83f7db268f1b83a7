/** The endpoints about the published policy. Must not know how a tree gets published, nor where it is kept. */
import { z } from "zod";
import { parameters, text } from "../params.ts";
import { rolloutPlan } from "../rollout/plan.ts";
import { endpoint } from "./endpoint.ts";
import { count, hostname, moment } from "./shapes.ts";

/** Handlers give what they hold, unchanged. */
const list = <S extends z.ZodType>(item: S) => z.array(item).readonly();

export const version = z.object({
  version: count("Grows with every publish."),
  digest: z.string().describe("sha256 of the tree, hex."),
  parent: z.string().exactOptional().describe("Digest of the version it replaced."),
  actor: z.string().describe("OS user, or the name of a token."),
  published_at: moment("When."),
  message: z.string().describe("What the publisher said about it."),
  source: z.string().describe("Where it came from."),
  git_commit: z.string().exactOptional().describe("Commit of the tree, where it was one."),
  uploaded: z.boolean().exactOptional().describe("It came from elsewhere than the server's host."),
  rollback_of: count("The version whose content it is again.").exactOptional(),
  forced: z.string().exactOptional().describe("Why it was published in a freeze."),
  rollout: rolloutPlan.exactOptional().describe("The stages it is published in; absent: none."),
  unwatched: z.boolean().exactOptional().describe("A fleet that gets worse does not take it back."),
  live: z.boolean().describe("It is in force."),
});

const percent = (description: string) => z.number().min(0).max(100).describe(description);

const rollout = z.object({
  version: count("What is watched."),
  state: z
    .enum(["watching", "done", "halted"])
    .describe("done: everywhere, and well; halted: what was before is live again."),
  percent: percent("The part of the fleet that has it; what follows is about that part."),
  stages: list(z.number()).exactOptional().describe("All parts in percent; absent: no stages."),
  since: moment("Since when this part has been watched."),
  online: count("Its envoys that are online."),
  ran: count("Those that have run it, online or not."),
  min_ran: percent("Of those online that must have run it.").exactOptional(),
  gates: list(
    z.object({
      gate: z.string().describe("As it was written: `failed<1%`."),
      percent: percent("What is measured."),
      broken: z.boolean().describe("It is broken now."),
    }),
  ).describe("Of a staged publish."),
  health: percent("Of the envoys that have run it, without those that failed the same before."),
  health_before: percent("Of the same envoys before."),
  why: z.string().exactOptional().describe("How it ended."),
});

const freeze = z.object({
  until: moment("When it ends by itself."),
  reason: z.string().describe("Why."),
  actor: z.string().describe("Who froze."),
  at: moment("Since when."),
});

const place = z.object({
  file: z.string().describe("Relative to the root of the stacks."),
  line: count("Counts from 1."),
  column: count("Counts from 1, in UTF-16 units."),
});

export const problem = place.extend({
  code: z.templateLiteral(["VG", z.number()]).describe("Its page in the manual: `VG103`."),
  text: z.string().describe("The offending text."),
  message: z.string().describe("What is wrong."),
  hint: z.string().exactOptional().describe("The way out, when there is one."),
});

export const configStatus = endpoint({
  method: "GET",
  path: "/config/status",
  summary: "Tells which policy is in force, and who cannot have it.",
  permission: "config.read",
  edited: ["in_force", "freeze"],
  response: z.object({
    in_force: version.exactOptional().describe("Absent before the first publish."),
    failure: z
      .string()
      .exactOptional()
      .describe("Why what was published last is not in force; absent: it is."),
    rollout: rollout
      .exactOptional()
      .describe("How the version in force does; absent: nobody watches it."),
    freeze: freeze.exactOptional().describe("Nobody publishes now; absent: publishing is open."),
    problems: list(problem).describe("What this server finds fault with, and enforces still."),
    warnings: list(problem).describe("What may be meant otherwise."),
    envoys: count("Envoys that are not revoked."),
    enforcing: count("Of them, those that say they have the version in force."),
    unresolved: list(
      z.object({
        envoy_id: z.string().describe("Its identity."),
        hostname: z.string().describe("Its name."),
        problems: list(problem).describe("Why it keeps its last bundle."),
      }),
    ).describe("Envoys for which the policy cannot be resolved, a hundred at most."),
    unresolved_count: count("How many there are."),
  }),
});

export const configHistory = endpoint({
  method: "GET",
  path: "/config/history",
  summary: "Lists the published versions, the newest first.",
  permission: "config.read",
  response: z.object({ versions: list(version).describe("Those that are kept.") }),
});

const decision = z
  .enum(["in", "out", "travels"])
  .describe("in, out, or decided on the envoy at every run.");

const condition = z
  .object({ source: z.string().describe("As it was written."), decision })
  .exactOptional()
  .describe("Its `when:`; absent: none.");

export const configTrace = endpoint({
  method: "GET",
  path: "/config/trace",
  summary: "Explains why a host gets what it gets from the policy in force.",
  permission: "config.read",
  query: parameters({
    host: hostname("Name to trace; it need not be enrolled."),
    crate: text("Only this configcrate.").exactOptional(),
  }),
  response: z.object({
    hostname: z.string().describe("As it was asked for."),
    version: count("What was traced."),
    traits_known: z.boolean().describe("An envoy of this name has reported traits."),
    passed_over: list(
      z.object({ place, why: z.enum(["name", "where"]).describe("What did not match.") }),
    ).describe("Hostcrates that were tried before."),
    hostcrate: place.exactOptional().describe("The one that matched."),
    environment: z.string().exactOptional().describe("Its environment."),
    roles: list(z.object({ name: z.string().describe("Its name."), place })).describe(
      "In the order they were included.",
    ),
    configcrates: list(
      z.object({
        name: z.string().describe("Its name."),
        place,
        because: z.string().describe("What brought it in."),
        excluded_by: z.string().exactOptional().describe("What took it out again."),
        when: condition,
      }),
    ).describe("In the order they were included."),
    vars: list(
      z.object({
        name: z.string().describe("Its name."),
        value: z.unknown().describe("What it came to."),
        set: list(
          z.object({
            what: z.string().describe("Kind of the place."),
            place,
            value: z.unknown().describe("What it says there."),
          }),
        ).describe("Every place that sets it, the winner last."),
      }),
    ).describe("As all configcrates see them, or the one that was asked for."),
    resources: list(
      z.object({
        name: z.string().describe("`crate/name`."),
        place,
        decision,
        when: condition,
        keys: list(z.string()).describe("What it is called in the bundle."),
      }),
    ).describe("In the order of the files."),
    dropped: list(
      z.object({ place, to: z.string().describe("What is not on this host.") }),
    ).describe("References that lead nowhere here."),
    problems: list(problem).describe("Why the host has no bundle."),
  }),
});

export const reloadConfig = endpoint({
  method: "POST",
  path: "/config/reload",
  summary: "Looks at once whether something has been published.",
  permission: "config.publish",
  body: parameters({}),
  response: z.object({
    version: count("In force now; 0 before the first publish."),
    failure: z.string().exactOptional().describe("Why what was published last is not in force."),
  }),
});
