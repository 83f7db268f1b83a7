/** The endpoints that plan and change what is published. Must not know how a tree is checked, nor where it is kept. */
import { z } from "zod";
import { flag, parameters, text, whole } from "../params.ts";
import { kinds } from "../plan/plan.ts";
import { mostPacked } from "../publish/archive.ts";
import { rolloutPlan } from "../rollout/plan.ts";
import { problem, version } from "./config.ts";
import { endpoint } from "./endpoint.ts";
import { count, hostname, moment } from "./shapes.ts";

const list = <S extends z.ZodType>(item: S) => z.array(item).readonly();

/** The tree, and words of the publisher. */
const bodyLimit = mostPacked + 65_536;

/** Every envoy of a large fleet is resolved, twice. */
const patience = 240;

const packed = z
  .string()
  .max(mostPacked)
  .describe("The stacks: gzip over PATH NUL LENGTH LF BYTES of each file, in base64.");

const sentence = (description: string) =>
  text(description, {
    pattern: /^[^\p{Cc}]{0,1000}$/u,
    wanted: "a line of 1000 characters at most",
  });

const message = sentence("Why, for the history.").default("");
const force = sentence("Why, when publishing is frozen; only for the admin of the server's host.")
  .refine((reason) => reason.trim() !== "", { error: "must give a reason" })
  .exactOptional();

const attribute = z.object({
  attribute: z.string().describe("A parameter, or a common attribute."),
  from: z.string().exactOptional().describe("Absent: not set before."),
  to: z.string().exactOptional().describe("Absent: not set any more."),
  diff: z.string().exactOptional().describe("Instead of these, the lines that differ."),
  hidden: z.literal(true).exactOptional().describe("Sensitive: its values are not shown."),
  varies: z.literal(true).exactOptional().describe("Another value on each envoy; the first's."),
});

const group = z.object({
  change: z.enum(kinds).describe("What happens to the resources."),
  envoys: count("How many see this."),
  hostnames: list(z.string()).describe("Their names, a hundred at most."),
  resources: list(
    z.object({
      key: z.string().describe("`crate[item]/name[item]`"),
      type: z.string().describe("Its type."),
      attributes: list(attribute).describe("What differs; nothing for what is removed."),
      variants: count("How many differences were folded into this.").exactOptional(),
    }),
  ).describe("Those that these envoys see change."),
  resources_left_out: count("Those beyond what is shown."),
});

const plan = z.object({
  envoys: z
    .object({
      known: count("That were looked at."),
      changed: count("That get something else."),
      unchanged: count("That get what they have."),
      unresolved: count("That cannot have it, and keep what they have."),
    })
    .describe("How many envoys."),
  resources: z
    .object({
      removed: count("That leave the policy of an envoy."),
      changed: count("That differ."),
      added: count("That are new on an envoy."),
    })
    .describe("How many resources, summed over envoys."),
  groups: list(group).describe("Identical differences, deletions first."),
  groups_left_out: count("Those beyond what is shown."),
  unresolved: list(
    z.object({
      envoy_id: z.string().describe("Its identity."),
      hostname: z.string().describe("Its name."),
      as_before: z
        .literal(true)
        .exactOptional()
        .describe("The version in force cannot be resolved for it either."),
      problems: list(problem).describe("Why, the first few."),
    }),
  ).describe("A hundred at most."),
});

const findings = {
  problems: list(problem).describe("What must be mended before it can be published."),
  warnings: list(problem).describe("What may be meant otherwise."),
};

const over = list(z.string()).describe("What of the change budget it exceeds, in words.");

const traits = z
  .record(z.string().max(64), z.json())
  .describe("By section, as an agent would report them.");

export const planConfig = endpoint({
  method: "POST",
  path: "/config/plan",
  summary: "Tells what publishing these stacks would change on every envoy.",
  permission: "config.publish",
  bodyLimit,
  patience,
  body: parameters({
    tree: packed,
    host: hostname("Only this envoy.").exactOptional(),
    as: parameters({ hostname: hostname("Its name."), traits })
      .exactOptional()
      .describe("A machine that need not exist, instead of the fleet."),
    ask_urls: flag("Ask whether addresses in it answer.").default(false),
  }),
  response: z.object({
    ...findings,
    against: count("The version it is compared with; absent: there is none.").exactOptional(),
    plan: plan.exactOptional().describe("Absent when there are problems."),
    over,
  }),
});

export const publishConfig = endpoint({
  method: "POST",
  path: "/config/publish",
  summary: "Checks uploaded stacks and puts them into force.",
  permission: "config.publish",
  bodyLimit,
  patience,
  body: parameters({
    tree: packed,
    message,
    source: sentence("Where it comes from.").default("upload"),
    git_commit: text("Commit of the tree.", {
      pattern: /^[0-9a-f]{7,64}(?:-dirty)?$/,
      wanted: "a commit's hash",
    }).exactOptional(),
    base: text("Digest of the version it was made from.", {
      pattern: /^[0-9a-f]{64}$/,
      wanted: "a sha256 in hex",
    }).exactOptional(),
    replace: flag("Publish over what it was not made from.").default(false),
    yes: flag("Publish although the change budget is exceeded.").default(false),
    skip_url_checks: flag("Do not ask whether addresses in it answer.").default(false),
    rollout: rolloutPlan.exactOptional().describe("Publish in stages; absent: to everyone."),
    unwatched: flag("Do not take it back when the fleet gets worse.").default(false),
    supersede: flag("Publish over a version that has not reached everyone.").default(false),
    force,
  }),
  response: z.object({
    outcome: z
      .enum(["published", "unchanged", "refused", "over_budget"])
      .describe("Only the first changes anything."),
    version: count("What is live now.").exactOptional(),
    digest: z.string().exactOptional().describe("Of it, when it was published."),
    ...findings,
    over,
  }),
});

export const chooseCohort = endpoint({
  method: "POST",
  path: "/config/cohort",
  summary: "Tells which envoys a condition chooses now, for the first part of a staged publish.",
  permission: "config.publish",
  patience,
  body: parameters({
    where: text("CEL over traits, envoy and in_percent.", {
      pattern: /^[^\0]{1,4096}$/,
      wanted: "a condition of 4096 characters at most",
    }),
  }),
  response: z.object({
    envoys: list(z.string()).describe("Ids of those it chooses."),
    of: count("All that are not revoked."),
    undecided: count("Those that have not reported what it reads; they are not chosen."),
  }),
});

export const rollbackConfig = endpoint({
  method: "POST",
  path: "/config/rollback",
  shownBy: "/config/status",
  summary: "Publishes the content of an older version again.",
  permission: "config.rollback",
  body: parameters({
    version: whole("Which; absent: the one before.", { min: 1 }).exactOptional(),
    message,
    force,
  }),
  response: z.object({
    version: count("The new one."),
    digest: z.string().describe("Of its content."),
    restored: count("The version whose content it is."),
  }),
});

export const showTree = endpoint({
  method: "GET",
  path: "/config/tree",
  summary: "Gives the stacks of a version.",
  permission: "config.read",
  query: parameters({ version: whole("Which; absent: the live one.", { min: 1 }).exactOptional() }),
  response: z.object({ version: version.describe("What is said of it."), tree: packed }),
});

const freeze = z.object({
  until: moment("When it ends."),
  reason: z.string().describe("Why."),
  actor: z.string().describe("Who."),
  at: moment("Since when."),
});

export const freezeConfig = endpoint({
  method: "POST",
  path: "/config/freeze",
  shownBy: "/config/status",
  summary: "Lets nobody publish for a time.",
  permission: "admin",
  body: parameters({
    until: text("A duration like 3d, or a moment in ISO 8601."),
    reason: sentence("Why, for those who are refused.").refine((reason) => reason.trim() !== "", {
      error: "must give a reason",
    }),
  }),
  response: freeze,
});

export const unfreezeConfig = endpoint({
  method: "POST",
  path: "/config/unfreeze",
  shownBy: "/config/status",
  summary: "Ends a freeze before its time.",
  permission: "admin",
  body: parameters({}),
  response: freeze,
});

export type AnsweredPlan = z.output<typeof planConfig.response>;
