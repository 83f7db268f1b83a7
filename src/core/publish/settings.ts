/**
 * What `server.yaml` says about publishing: read by the server with all its other keys, and by whoever publishes with the server
 * down. Must not know any other key.
 */
import { parseDocument } from "yaml";
import { z } from "zod";
import { VigoError } from "../errors.ts";
import { network } from "../network.ts";
import { explain, list, text, whole } from "../params.ts";
import type { Plan } from "../plan/plan.ts";

const most = 10_000_000;

export const publishSettings = {
  keep: whole("Published versions that stay, the live one included.", {
    min: 1,
    max: 1000,
  }).default(50),
  max_envoys: whole("Most envoys that one publish may change without --yes.", {
    max: most,
  }).exactOptional(),
  max_deletions: whole("Most resources that one publish may take away without --yes.", {
    max: most,
  }).exactOptional(),
  url_allow: list(
    "Private networks where addresses are asked, before a publish, whether they answer.",
    network("loopback, an address, or a network like 10.0.0.0/8."),
  ).default([]),
  rollback_threshold: text(
    "Health of the fleet, in percent of what it was, below which a publish is taken back; 0%: never.",
    {
      pattern: /^(?:100|\d{1,2})%$/,
      wanted: "a percentage like 80%",
    },
  )
    .transform((written) => Number(written.slice(0, -1)))
    .prefault("80%"),
};

const written = z.object({ publish: z.looseObject(publishSettings).nullish() }).nullish();

export type PublishSettings = z.output<z.ZodObject<typeof publishSettings>>;

/** Other keys are left to the server. Rejects with `invalid` for a file that it would not start on either. */
export function readPublishSettings(text: string, file: string): PublishSettings {
  const document = parseDocument(text, { version: "1.2" });
  const [error] = document.errors;
  if (error !== undefined) throw refused(file, error.message.split("\n")[0] ?? error.message);
  const read = written.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!read.success) throw refused(file, explain(read.error).join("; "));
  return read.data?.publish ?? z.object(publishSettings).parse({});
}

const refused = (file: string, why: string) =>
  new VigoError("invalid", `${file}: ${why}`, { hint: "`vigo server check-config` says more" });

export type Budget = Pick<PublishSettings, "max_envoys" | "max_deletions">;

export const hasBudget = ({ max_envoys, max_deletions }: Budget): boolean =>
  max_envoys !== undefined || max_deletions !== undefined;

/** What of the budget a plan exceeds, one sentence each; nothing: it keeps within. */
export function overBudget(
  { envoys, resources }: Pick<Plan, "envoys" | "resources">,
  { max_envoys, max_deletions }: Budget,
): readonly string[] {
  const lines: string[] = [];
  if (max_envoys !== undefined && envoys.changed > max_envoys)
    lines.push(`${envoys.changed} envoys would change; publish.max_envoys is ${max_envoys}`);
  if (max_deletions !== undefined && resources.removed > max_deletions)
    lines.push(
      `${resources.removed} resources would leave the policy; publish.max_deletions is ${max_deletions}`,
    );
  return lines;
}
