/**
 * Runs in memory alone (`database.run_store: memory`): for a fleet whose history is kept elsewhere, or nowhere. So many of an envoy, the
 * newest; a restart forgets them all. Must not know SQL.
 */
import type { ResourceReport } from "../../../core/converge/report.ts";
import type { RunRow, RunStore, SpanRow, Store } from "./store.ts";

/** As text, which takes a third of the room. */
type Kept = Omit<RunRow, "resources"> & { readonly resources: string };

/** Both oldest first. */
interface OfOne {
  readonly runs: Kept[];
  readonly spans: SpanRow[];
}

type Place = Pick<RunRow, "startedAt" | "envoyId" | "number">;

export class MemoryRuns implements RunStore {
  readonly #capacity: number;
  readonly #envoys = new Map<string, OfOne>();

  /** Runs and stretches that are kept of one envoy, each. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  async record(envoyId: string, runs: readonly RunRow[], spans: readonly SpanRow[]): Promise<void> {
    const { runs: kept } = this.#of(envoyId);
    for (const run of runs)
      if (kept.every(({ number }) => number !== run.number))
        kept.push({ ...run, envoyId, resources: JSON.stringify(run.resources) });
    kept.sort((a, b) => a.number - b.number).splice(0, kept.length - this.#capacity);
    await this.recordSpans(spans.map((span) => ({ ...span, envoyId })));
  }

  async recordSpans(spans: readonly SpanRow[]): Promise<void> {
    for (const span of spans) {
      const { spans: kept } = this.#of(span.envoyId);
      const at = kept.findLastIndex(({ first }) => first === span.first);
      if (at >= 0) kept[at] = grown(kept[at] as SpanRow, span);
      else kept.push(span);
      kept.sort((a, b) => a.first - b.first).splice(0, kept.length - this.#capacity);
    }
  }

  async page({ envoyId, outcome, since = 0, before, limit }: Parameters<RunStore["page"]>[0]) {
    const isMeant = (run: Kept) =>
      (outcome === undefined || run.outcome === outcome) && isIn(run, since, before);
    return newestFirst(this.#runs(envoyId), isMeant, limit).map(
      ({ resources: _, ...head }) => head,
    );
  }

  async find(envoyId: string, number: number): Promise<RunRow | undefined> {
    const found = this.#envoys.get(envoyId)?.runs.find((run) => run.number === number);
    return found && whole(found);
  }

  async drifted({ since, before, limit }: Parameters<RunStore["drifted"]>[0]) {
    const isMeant = (run: Kept) => run.causes.includes("drift") && isIn(run, since, before);
    return newestFirst(this.#runs(), isMeant, limit).map(whole);
  }

  async spans(envoyId: string, limit: number, since = 0): Promise<readonly SpanRow[]> {
    const spans = this.#envoys.get(envoyId)?.spans ?? [];
    return spans
      .filter(({ lastAt }) => lastAt >= since)
      .reverse()
      .slice(0, limit);
  }

  async newest(depth: number) {
    return [...this.#envoys.values()].flatMap(({ runs }) =>
      runs
        .slice(-depth)
        .reverse()
        .map(({ resources: _, durationMs: __, ...head }) => head),
    );
  }

  async newestSpans(): Promise<readonly SpanRow[]> {
    return [...this.#envoys.values()].flatMap(({ spans }) => spans.slice(-1));
  }

  async older(before: number): Promise<number> {
    return [...this.#envoys.values()].reduce(
      (sum, { runs, spans }) =>
        sum +
        runs.filter((run) => run.startedAt < before).length +
        spans.filter((span) => span.lastAt < before).length,
      0,
    );
  }

  async prune(before: number, most: number): Promise<number> {
    let gone = 0;
    const forget = <T>(rows: T[], isOld: (row: T) => boolean) => {
      for (let at = rows.length - 1; at >= 0 && gone < most; at--)
        if (isOld(rows[at] as T)) gone += rows.splice(at, 1).length;
    };
    for (const { runs } of this.#envoys.values()) forget(runs, (run) => run.startedAt < before);
    for (const { spans } of this.#envoys.values()) forget(spans, (span) => span.lastAt < before);
    return gone;
  }

  forget(envoyId: string): void {
    this.#envoys.delete(envoyId);
  }

  *#runs(envoyId?: string): Generator<Kept> {
    if (envoyId !== undefined) yield* this.#envoys.get(envoyId)?.runs ?? [];
    else for (const { runs } of this.#envoys.values()) yield* runs;
  }

  #of(envoyId: string): OfOne {
    const known = this.#envoys.get(envoyId);
    if (known !== undefined) return known;
    const made: OfOne = { runs: [], spans: [] };
    this.#envoys.set(envoyId, made);
    return made;
  }
}

/** The same store, but for runs. Those that the database has from before are forgotten as they grow old. */
export function runsInMemory(store: Store, capacity: number): Store {
  const memory = new MemoryRuns(capacity);
  return {
    ...store,
    runs: {
      record: (...told) => memory.record(...told),
      recordSpans: (spans) => memory.recordSpans(spans),
      page: (query) => memory.page(query),
      find: (...key) => memory.find(...key),
      drifted: (query) => memory.drifted(query),
      spans: (...asked) => memory.spans(...asked),
      newest: (depth) => memory.newest(depth),
      newestSpans: () => memory.newestSpans(),
      older: async (before) => (await memory.older(before)) + (await store.runs.older(before)),
      prune: async (before, most) => {
        const gone = await memory.prune(before, most);
        return gone === most ? gone : gone + (await store.runs.prune(before, most - gone));
      },
    },
    envoys: {
      ...store.envoys,
      delete: async (id, audit) => {
        const isGone = await store.envoys.delete(id, audit);
        if (isGone) memory.forget(id);
        return isGone;
      },
    },
  };
}

const whole = ({ resources, ...run }: Kept): RunRow => ({
  ...run,
  resources: JSON.parse(resources) as readonly ResourceReport[],
});

const grown = (before: SpanRow, { last, lastAt }: SpanRow): SpanRow => ({
  ...before,
  last: Math.max(before.last, last),
  lastAt: Math.max(before.lastAt, lastAt),
});

const isIn = (run: Place, since: number, before: Place | undefined): boolean =>
  run.startedAt >= since && (before === undefined || inOrder(before, run) < 0);

/** Newest first. */
function inOrder(a: Place, b: Place): number {
  if (a.startedAt !== b.startedAt) return b.startedAt - a.startedAt;
  if (a.envoyId !== b.envoyId) return a.envoyId < b.envoyId ? 1 : -1;
  return b.number - a.number;
}

/** Never more than twice of them at once in hand: there may be a million. */
function newestFirst(
  runs: Iterable<Kept>,
  isMeant: (run: Kept) => boolean,
  limit: number,
): readonly Kept[] {
  const found: Kept[] = [];
  for (const run of runs) {
    if (isMeant(run)) found.push(run);
    if (found.length > 2 * limit) found.sort(inOrder).splice(limit);
  }
  return found.sort(inOrder).slice(0, limit);
}
