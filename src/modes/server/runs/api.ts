/** The endpoints about runs, handled. Must not know HTTP, nor the database. */
import { z } from "zod";
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import { listDrift } from "../../../core/api/drift.ts";
import { showHistory } from "../../../core/api/history.ts";
import { listRuns, type Run, type RunDetail, showRun } from "../../../core/api/runs.ts";
import { VigoError } from "../../../core/errors.ts";
import { parseDuration } from "../../../core/duration.ts";
import { findEnvoy } from "../envoys/envoys.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { matcher } from "../envoys/page.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { implement } from "../http/implement.ts";
import type { RunRow, SpanRow, Store } from "../store/store.ts";
import { driftOf } from "./drift.ts";
import { historyOf } from "./history.ts";

interface Deps {
  readonly store: Pick<Store, "runs">;
  readonly fleet: Fleet;
}

export const runRoutes = [
  implement(listRuns, ({ query }, deps: Deps) => page(deps, query)),
  implement(showRun, async ({ params }, deps: Deps) => {
    const { id, row } = findEnvoy(deps.fleet, params.id);
    const number = /^\d{1,15}$/.test(params.number) ? Number(params.number) : -1;
    const run = await deps.store.runs.find(id, number);
    if (run !== undefined) return detail(run, row.hostname);
    throw new VigoError("missing", `${row.hostname} has no run ${params.number} on record`, {
      hint: `vigo cli runs list --envoy ${row.hostname}; runs that changed nothing are only counted`,
    });
  }),
  implement(listDrift, ({ query }, deps: Deps) => drift(deps, query)),
  implement(showHistory, ({ params, query }, { store, fleet }: Deps) => {
    const envoy = findEnvoy(fleet, params.id);
    const { offlineAfterMs, lastContactAt } = fleet.standing(envoy);
    const since = sinceOf(fleet, query.since);
    const times = { since, now: fleet.now(), offlineAfterMs, lastContactAt };
    return historyOf(store, { envoyId: envoy.id, ...times });
  }),
];

/** The moment that a length of time before now was. */
const sinceOf = (fleet: Fleet, length: string): number =>
  Math.max(0, fleet.now() - (parseDuration(length) ?? 0));

async function drift(
  { store, fleet }: Deps,
  { since, limit, hostname }: Received<typeof listDrift>["query"],
): Promise<Answer<typeof listDrift>> {
  const matches = hostname === undefined ? () => true : matcher(hostname);
  const { leftOut, ...found } = await driftOf(store.runs, {
    since: sinceOf(fleet, since),
    limit,
    nameOf: (id) => {
      const name = fleet.get(id)?.row.hostname;
      return name !== undefined && matches(name) ? name : undefined;
    },
  });
  return { ...found, since: iso(found.since), resources: [...found.resources], left_out: leftOut };
}

const place = z.object({ startedAt: z.number(), envoyId: z.string(), number: z.number() });

/** Of the stretches without a change. */
const steadyShown = 20;

async function page(
  { store, fleet }: Deps,
  { envoy: asked, outcome, since, limit, cursor }: Received<typeof listRuns>["query"],
): Promise<Answer<typeof listRuns>> {
  const envoyId = asked === undefined ? undefined : findEnvoy(fleet, asked).id;
  const before = fromCursor(place, cursor);
  const rows = await store.runs.page({
    limit: limit + 1,
    ...(envoyId === undefined ? {} : { envoyId }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { since: sinceOf(fleet, since) }),
    ...(before === undefined ? {} : { before }),
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const name = (id: string) => fleet.get(id)?.row.hostname ?? id;
  return {
    runs: shown.map((run) => summary(run, name(run.envoyId))),
    ...(envoyId === undefined ? {} : { steady: await steady(store, envoyId) }),
    ...(rows.length > limit && last !== undefined ? { cursor: toCursor(place.parse(last)) } : {}),
  };
}

const steady = async (store: Deps["store"], envoyId: string) =>
  (await store.runs.spans(envoyId, steadyShown)).map(span);

const iso = (ms: number): string => new Date(ms).toISOString();

const span = ({ first, last, firstAt, lastAt }: SpanRow) => ({
  first,
  last,
  first_at: iso(firstAt),
  last_at: iso(lastAt),
});

const summary = (run: Omit<RunRow, "resources">, hostname: string): Run => ({
  envoy_id: run.envoyId,
  hostname,
  number: run.number,
  outcome: run.outcome,
  policy_version: run.policyVersion,
  started_at: iso(run.startedAt),
  duration_ms: run.durationMs,
  counts: { ...run.counts },
});

const detail = (run: RunRow, hostname: string): RunDetail => ({
  ...summary(run, hostname),
  resources: run.resources.map(({ changes, ...resource }) => ({
    ...resource,
    changes: changes.map(({ field, from, to, cause, diff }) => ({
      field,
      cause,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(diff === undefined ? {} : { diff }),
    })),
  })),
});
