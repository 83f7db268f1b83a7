/** The endpoint of queries, handled. Must not know HTTP, nor how questions travel. */
import type { Received } from "../../../core/api/endpoint.ts";
import { type QueryEvent, runQuery } from "../../../core/api/query.ts";
import { parseDuration } from "../../../core/duration.ts";
import { VigoError } from "../../../core/errors.ts";
import { parseQuery } from "../../../core/query/parse.ts";
import { implementEvents } from "../http/events.ts";
import type { Caller } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import { envoysOf, type TargetDeps } from "../tasks/targets.ts";
import { fromCache } from "./cached.ts";
import type { Queries } from "./queries.ts";

interface Deps extends TargetDeps {
  readonly store: Pick<Store, "audit" | "traits">;
  readonly queries: Pick<Queries, "run">;
  readonly now: () => number;
}

export const queryRoutes = [
  implementEvents(runQuery, ({ body }, deps: Deps, caller, gone) => run(deps, body, caller, gone)),
];

async function run(
  deps: Deps,
  { query: text, targets, wait, cached, limit }: Received<typeof runQuery>["body"],
  { name: actor }: Caller,
  gone: AbortSignal,
): Promise<AsyncIterable<QueryEvent>> {
  const { queries, store, policy } = deps;
  const types = policy.workshop.registries.traits;
  const query = parseQuery(text, types);
  const waitMs = within(wait);
  const envoys = await envoysOf(deps, targets);
  const id = Bun.randomUUIDv7();
  const detail = { query: text, asked: targets, targets: envoys.length, cached };
  await store.audit.append({ at: deps.now(), actor, action: "query.run", subject: id, detail });
  if (cached) return fromCache({ traits: store.traits, types }, query, envoys, limit);
  return queries.run(query, envoys, { id, waitMs, limit, gone });
}

const longestMs = 600_000;

function within(written: string): number {
  const ms = parseDuration(written) ?? 0;
  if (ms >= 1_000 && ms <= longestMs) return ms;
  throw new VigoError("invalid", `wait: must be 1s to ${longestMs / 60_000}m, not ${written}`);
}
