/**
 * Drift over many runs: which resources others changed, on how many envoys, since when, and whether Vigo itself had a hand in it.
 * Must not know HTTP, nor the database.
 */
import { setImmediate } from "node:timers/promises";
import type { Drifted } from "../../../core/api/drift.ts";
import type { Cause } from "../../../core/resource.ts";
import type { RunRow, RunStore } from "../store/store.ts";
import { Tally } from "../tally.ts";

export interface DriftQuery {
  readonly since: number;
  /** Of an envoy: its name, or undefined when it is not asked for. */
  readonly nameOf: (envoyId: string) => string | undefined;
  readonly limit: number;
}

export interface Drift {
  readonly since: number;
  readonly runs: number;
  readonly resources: readonly Drifted[];
  readonly leftOut: number;
}

/** Runs in one question to the store, and in all: more than that says nothing more, and others wait. */
const pageSize = 200;
export const mostRuns = 20_000;

/** Runs of one resource that are looked at for what Vigo did before: the newest. */
const examined = 5;

interface Found {
  readonly key: string;
  readonly type: string;
  readonly fields: Set<string>;
  readonly envoys: Tally;
  /** By the JSON of what was found, because "nothing" is not the same as an empty text. */
  readonly values: Tally;
  /** The newest runs. */
  readonly newest: RunRow[];
  runs: number;
  firstAt: number;
  lastAt: number;
}

export async function driftOf(
  store: Pick<RunStore, "drifted" | "find">,
  query: DriftQuery,
): Promise<Drift> {
  const found = new Map<string, Found>();
  const { since, runs } = await gather(store, query, found);
  const sorted = [...found.values()].sort(
    (a, b) => b.envoys.size - a.envoys.size || b.runs - a.runs || (a.key < b.key ? -1 : 1),
  );
  const resources: Drifted[] = [];
  for (const one of sorted.slice(0, query.limit))
    resources.push(shown(one, query, await suspectsOf(store, one)));
  return { since, runs, resources, leftOut: sorted.length - resources.length };
}

/** Page by page with a pause between, because statements hold the whole server. */
async function gather(
  store: Pick<RunStore, "drifted">,
  { since, nameOf }: DriftQuery,
  found: Map<string, Found>,
): Promise<Pick<Drift, "since" | "runs">> {
  let runs = 0;
  let before: RunRow | undefined;
  for (;;) {
    const page = await store.drifted({
      since,
      limit: pageSize,
      ...(before === undefined ? {} : { before }),
    });
    for (const run of page) {
      if (nameOf(run.envoyId) === undefined) continue;
      runs++;
      add(run, found);
    }
    before = page.at(-1);
    if (before === undefined || page.length < pageSize) return { since, runs };
    if (runs >= mostRuns) return { since: before.startedAt, runs };
    await setImmediate();
  }
}

function add(run: RunRow, found: Map<string, Found>): void {
  for (const { key, type, outcome, changes } of run.resources) {
    const drift = outcome === "changed" ? changes.filter(({ cause }) => cause === "drift") : [];
    if (drift.length === 0) continue;
    const one = found.get(key) ?? nothingYet(key, type, run.startedAt);
    found.set(key, one);
    one.runs++;
    one.envoys.add(run.envoyId);
    one.firstAt = Math.min(one.firstAt, run.startedAt);
    one.lastAt = Math.max(one.lastAt, run.startedAt);
    if (one.newest.length < examined) one.newest.push(run);
    for (const { field, from } of drift) {
      one.fields.add(field);
      one.values.add(JSON.stringify(from ?? null));
    }
  }
}

const nothingYet = (key: string, type: string, at: number): Found => ({
  key,
  type,
  fields: new Set(),
  envoys: new Tally(),
  values: new Tally(),
  newest: [],
  runs: 0,
  firstAt: at,
  lastAt: at,
});

interface Suspect {
  readonly key: string;
  readonly type: string;
  readonly cause: Cause;
  readonly when: "same run" | "run before";
}

/**
 * What Vigo changed between the two looks at the resource: earlier in the run that found the drift, or later in the one before.
 * Runs that changed nothing are not on record, so where the run before is, its number is the one below.
 */
async function suspectsOf(store: Pick<RunStore, "find">, { key, newest }: Found) {
  const tally = new Tally();
  for (const run of newest) {
    const at = run.resources.findIndex((resource) => resource.key === key);
    for (const suspect of changedIn(run.resources.slice(0, at), "same run"))
      tally.add(JSON.stringify(suspect));
    const before = await store.find(run.envoyId, run.number - 1);
    if (before === undefined) continue;
    const then = before.resources.findIndex((resource) => resource.key === key);
    for (const suspect of changedIn(before.resources.slice(then + 1), "run before"))
      tally.add(JSON.stringify(suspect));
  }
  return tally.most(3).map(([suspect, times]) => ({ ...(JSON.parse(suspect) as Suspect), times }));
}

const changedIn = (resources: RunRow["resources"], when: Suspect["when"]): readonly Suspect[] =>
  resources.flatMap(({ key, type, outcome, changes: [change] }) =>
    outcome === "changed" && change !== undefined ? [{ key, type, cause: change.cause, when }] : [],
  );

const iso = (ms: number): string => new Date(ms).toISOString();

function shown(
  { key, type, fields, envoys, values, runs, firstAt, lastAt }: Found,
  { nameOf }: DriftQuery,
  suspects: Drifted["suspects"],
): Drifted {
  return {
    key,
    type,
    fields: [...fields].sort(),
    envoys: envoys.size,
    runs,
    first_at: iso(firstAt),
    last_at: iso(lastAt),
    hostnames: envoys.most(10).map(([id]) => nameOf(id) ?? id),
    found: values.most(3).map(([written, times]) => {
      const value = JSON.parse(written) as string | null;
      return value === null ? { times } : { value, times };
    }),
    suspects,
  };
}
