/**
 * Asks machines themselves whether a condition holds now: what they reported may be a quarter of an hour old. Must not know workflows,
 * nor what follows from the answers.
 */
import { parseCondition } from "../../../core/policy/when/parse.ts";
import { sights } from "../../../core/policy/when/functions.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { Queries } from "../queries/queries.ts";

export interface FreshDeps {
  readonly fleet: Pick<Fleet, "get">;
  readonly policy: Pick<LivePolicy, "workshop">;
  readonly queries: Pick<Queries, "run">;
}

/** What each says, by id: true and false, or why it says nothing. Undefined: only the server can decide the condition. */
export type AskThem = (
  condition: string,
  envoyIds: readonly string[],
) => Promise<ReadonlyMap<string, boolean | string>> | undefined;

/** Machines with a stream answer in a second or two. */
const waitMs = 5_000;

export const asker =
  ({ fleet, policy, queries }: FreshDeps): AskThem =>
  (source, envoyIds) => {
    const condition = parseCondition(source, policy.workshop.registries.traits);
    if (condition.kind === "error" || condition.sections.length === 0) return undefined;
    const { vars, roles, functions, changed, needsEnvoy } = condition;
    const isForServer = functions.some((name) => serverOnly.has(name));
    if (isForServer || vars.length + roles.length > 0 || changed || needsEnvoy) return undefined;
    const query = { where: source, paths: [], columns: [], groupBy: undefined };
    const envoys = envoyIds.flatMap((id) => fleet.get(id) ?? []);
    return answers(queries, { ...query, sections: condition.sections }, envoys);
  };

const serverOnly: ReadonlySet<string> = new Set([
  ...sights.map(({ name }) => name),
  "environment",
  "role",
]);

async function answers(
  queries: FreshDeps["queries"],
  query: Parameters<Queries["run"]>[0],
  envoys: readonly Envoy[],
): Promise<ReadonlyMap<string, boolean | string>> {
  const said = new Map<string, boolean | string>(envoys.map(({ id }) => [id, false]));
  if (envoys.length === 0) return said;
  const wish = { id: Bun.randomUUIDv7(), waitMs, limit: envoys.length };
  for await (const event of queries.run(query, envoys, wish)) {
    if (event.kind === "row") said.set(event.envoy_id, true);
    if (event.kind === "missing") said.set(event.envoy_id, event.reason);
  }
  return said;
}
