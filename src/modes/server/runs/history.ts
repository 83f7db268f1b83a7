/** How one envoy has been doing: its runs and the steady stretches between them as one line of time. Must not know HTTP. */
import { type Stretch, stretchKinds } from "../../../core/api/history.ts";
import type { RunRow, SpanRow, Store } from "../store/store.ts";

/** Most of either kind: a machine that changes something in every run makes two a stretch, hardly more. */
const most = 5_000;

type Kind = Stretch["kind"];

interface Part {
  readonly kind: Kind;
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface HistoryQuery {
  readonly envoyId: string;
  readonly since: number;
  readonly now: number;
  /** Silence from which on it counted as offline. */
  readonly offlineAfterMs: number;
  readonly lastContactAt: number;
}

interface History {
  readonly since: string;
  readonly runs: Record<Kind, number>;
  readonly stretches: Stretch[];
}

export async function historyOf(
  { runs: store }: Pick<Store, "runs">,
  query: HistoryQuery,
): Promise<History> {
  const { envoyId, since } = query;
  const runs = await store.page({ envoyId, since, limit: most });
  const spans = await store.spans(envoyId, most, since);
  // Where there was more than fits, the line begins where both are whole.
  const from = Math.max(
    since,
    runs.length < most ? since : (runs.at(-1)?.startedAt ?? since),
    spans.length < most ? since : (spans.at(-1)?.firstAt ?? since),
  );
  const parts = [...runs.map(ofRun), ...spans.map(ofSpan)]
    .filter(({ lastAt }) => lastAt >= from)
    .sort((a, b) => a.first - b.first);
  return {
    since: new Date(from).toISOString(),
    runs: countsOf(parts),
    stretches: [...withSilences(joined(parts, query.offlineAfterMs), query)].reverse().map(shown),
  };
}

const ofSpan = ({ first, last, firstAt, lastAt }: SpanRow): Part => ({
  kind: "converged",
  first,
  last,
  firstAt,
  lastAt,
});

const ofRun = (run: Omit<RunRow, "resources">): Part => ({
  kind: kindOf(run),
  first: run.number,
  last: run.number,
  firstAt: run.startedAt,
  lastAt: run.startedAt,
});

/** Drift tells more than what was intended beside it. */
function kindOf({ outcome, causes, counts }: Omit<RunRow, "resources">): Kind {
  if (outcome === "failed") return "failed";
  if (causes.includes("drift")) return "drift";
  if (causes.includes("upstream")) return "upstream";
  if (counts.changed > 0) return "changed";
  return counts.pending > 0 ? "pending" : "converged";
}

function countsOf(parts: readonly Part[]): Record<Kind, number> {
  const counts = Object.fromEntries(stretchKinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { kind, first, last } of parts) counts[kind] += last - first + 1;
  return counts;
}

/** Neighbours of one kind are one stretch, unless there was silence between. */
function joined(parts: readonly Part[], offlineAfterMs: number): readonly Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const before = all.at(-1);
    if (before?.kind !== part.kind || part.firstAt - before.lastAt > offlineAfterMs) all.push(part);
    else all[all.length - 1] = { ...before, last: part.last, lastAt: part.lastAt };
  }
  return all;
}

function* withSilences(
  parts: readonly Part[],
  { now, offlineAfterMs, lastContactAt }: HistoryQuery,
): Generator<Part> {
  let before: Part | undefined;
  for (const part of parts) {
    if (before !== undefined && part.firstAt - before.lastAt > offlineAfterMs)
      yield silence(before.lastAt, part.firstAt);
    yield part;
    before = part;
  }
  if (now - lastContactAt > offlineAfterMs) yield silence(lastContactAt, now);
}

const silence = (firstAt: number, lastAt: number): Part => ({
  kind: "silent",
  first: 0,
  last: 0,
  firstAt,
  lastAt,
});

const shown = ({ kind, first, last, firstAt, lastAt }: Part): Stretch => ({
  kind,
  ...(kind === "silent" ? {} : { first, last }),
  first_at: new Date(firstAt).toISOString(),
  last_at: new Date(lastAt).toISOString(),
});
