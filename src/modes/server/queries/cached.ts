/** Answers a query from what envoys have told before, without asking them. Must not know HTTP, nor streams. */
import { setImmediate } from "node:timers/promises";
import type { QueryEvent } from "../../../core/api/query.ts";
import type { Json } from "../../../core/json.ts";
import { sayTo } from "../../../core/query/answer.ts";
import type { Query } from "../../../core/query/query.ts";
import type { AnyTraitType } from "../../../core/trait.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { TraitStore } from "../store/store.ts";
import { QueryTally } from "./tally.ts";

/** Envoys whose traits are in memory at once. */
const chunk = 100;

interface Deps {
  readonly traits: Pick<TraitStore, "ofMany">;
  readonly types: readonly AnyTraitType[];
}

export async function* fromCache(
  deps: Deps,
  query: Query,
  envoys: readonly Envoy[],
  limit: number,
): AsyncGenerator<QueryEvent> {
  const tally = new QueryTally(query, envoys.length, limit);
  yield tally.begin(0);
  for (let at = 0; at < envoys.length; at += chunk) {
    const some = envoys.slice(at, at + chunk);
    const told = await toldBy(some, query.sections, deps.traits);
    for (const envoy of some) {
      const event = await one(deps, query, envoy, tally, told.get(envoy.id));
      if (event !== undefined) yield event;
    }
    yield tally.progress();
    await setImmediate();
  }
  yield* tally.end();
}

interface Told {
  readonly traits: Record<string, Json>;
  /** Also those that the machine has not. */
  readonly sections: Set<string>;
  oldest: number;
}

async function toldBy(
  envoys: readonly Envoy[],
  sections: readonly string[],
  traits: Deps["traits"],
): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>();
  const ids = envoys.map(({ id }) => id);
  for (const row of sections.length === 0 ? [] : await traits.ofMany(ids, sections)) {
    const one = told.get(row.envoyId) ?? {
      traits: {},
      sections: new Set(),
      oldest: Number.POSITIVE_INFINITY,
    };
    told.set(row.envoyId, one);
    one.sections.add(row.section);
    if (row.value !== null) one.traits[row.section] = row.value;
    one.oldest = Math.min(one.oldest, row.collectedAt);
  }
  return told;
}

async function one(
  { types }: Deps,
  query: Query,
  envoy: Envoy,
  tally: QueryTally,
  told: Told | undefined,
): Promise<QueryEvent | undefined> {
  const untold = query.sections.find((section) => told?.sections.has(section) !== true);
  if (untold !== undefined) return tally.silent(envoy, `it has told no ${untold} yet`);
  const { id, row } = envoy;
  const asked = { envoy: { id, hostname: row.hostname }, traits: told?.traits ?? {}, types };
  const said = await sayTo(query, asked);
  if (said.kind === "passed over") return void tally.passedOver();
  if (said.kind === "undecided") return tally.erred(envoy, said.reason);
  const age = told === undefined ? {} : { collected_at: new Date(told.oldest).toISOString() };
  return tally.said(envoy, said.values, age);
}
