/**
 * What waits to be told to the server, as it is kept: runs that changed something or failed, the steady stretches between them,
 * and marks in the place of what had to go. Within 1,000 entries and 64 MiB; stretches go first, the oldest, and no run goes
 * without a mark (docs/design/semantics.md §5). Pure; must not know where it is kept.
 */
import type { RunReport } from "../../core/converge/report.ts";
import { VigoError } from "../../core/errors.ts";
import type { Change } from "../../core/resource.ts";
import type { Span } from "../../core/wire/convert.ts";

export type Entry =
  | { readonly kind: "run"; readonly number: number; readonly report: RunReport }
  | { readonly kind: "span"; readonly span: Span }
  /** Runs that are not told. */
  | { readonly kind: "mark"; readonly first: number; readonly last: number; readonly at: number };

export interface Waiting {
  /** The highest run number in it. */
  readonly key: number;
  readonly bytes: Uint8Array;
}

export const limits = { entries: 1_000, bytes: 64 * 1024 * 1024 } as const;

export const keyOf = (entry: Entry): number => {
  if (entry.kind === "run") return entry.number;
  return entry.kind === "span" ? entry.span.last : entry.last;
};

/** The kind is the first letter, so that an entry need not be read to be told apart. */
export const pack = (entry: Entry): Waiting => ({
  key: keyOf(entry),
  bytes: new TextEncoder().encode(`${entry.kind[0]}${JSON.stringify(entry)}`),
});

export const unpack = ({ bytes }: Waiting): Entry =>
  JSON.parse(new TextDecoder().decode(bytes.subarray(1))) as Entry;

const isSpan = ({ bytes }: Waiting): boolean => bytes[0] === "s".charCodeAt(0);

export interface Room {
  readonly remove: readonly number[];
  readonly put: readonly Waiting[];
}

/** What must change so that these fit, oldest first as they come; undefined when they do. */
export function makeRoom(waiting: readonly Waiting[], limit = limits): Room | undefined {
  let bytes = waiting.reduce((sum, one) => sum + one.bytes.length, 0);
  let count = waiting.length;
  if (count <= limit.entries && bytes <= limit.bytes) return undefined;
  const gone = new Set<Waiting>();
  // A tenth below the limits, so that it is not done again at each run.
  const drop = (one: Waiting) => {
    if (count <= limit.entries * 0.9 && bytes <= limit.bytes * 0.9) return;
    gone.add(one);
    bytes -= one.bytes.length;
    count--;
  };
  for (const one of waiting) if (isSpan(one)) drop(one);
  // The newest stays in any case: it says how the machine is.
  for (const one of waiting.slice(0, -1)) if (!isSpan(one)) drop(one);
  return room([...gone]);
}

function room(gone: readonly Waiting[]): Room {
  const untold = gone.filter((one) => !isSpan(one)).map(unpack);
  const first = untold.at(0);
  const last = untold.at(-1);
  const remove = gone.map(({ key }) => key);
  if (first === undefined || last === undefined) return { remove, put: [] };
  const mark = pack({ kind: "mark", first: firstOf(first), last: keyOf(last), at: timeOf(last) });
  return { remove: remove.filter((key) => key !== mark.key), put: [mark] };
}

/** The lowest run number in it. */
export const firstOf = (entry: Entry): number => {
  if (entry.kind === "run") return entry.number;
  return entry.kind === "span" ? entry.span.first : entry.first;
};

export function renumbered(entry: Entry, by: number): Entry {
  if (entry.kind === "run") return { ...entry, number: entry.number + by };
  if (entry.kind === "mark") return { ...entry, first: entry.first + by, last: entry.last + by };
  const { first, last } = entry.span;
  return { ...entry, span: { ...entry.span, first: first + by, last: last + by } };
}

function timeOf(entry: Entry): number {
  if (entry.kind === "run") return Date.parse(entry.report.started_at);
  return entry.kind === "span" ? entry.span.lastAt : entry.at;
}

const batchBytes = 1024 * 1024;
const batchEntries = 200;

/** The oldest that go into one message; at least one when there is any. */
export function batchOf(waiting: Iterable<Waiting>): readonly Entry[] {
  const batch: Entry[] = [];
  let bytes = 0;
  for (const one of waiting) {
    bytes += one.bytes.length;
    if (batch.length > 0 && (bytes > batchBytes || batch.length >= batchEntries)) break;
    batch.push(unpack(one));
  }
  return batch;
}

const longestValue = 4 * 1024;
const longestReport = 2 * 1024 * 1024;

/** A report that fits into one message: long values are cut, and where that is not enough, only fields are named. */
export function bounded(report: RunReport): RunReport {
  const cut = mapChanges(report, (change) => ({
    ...change,
    from: shortened(change.from),
    to: shortened(change.to),
  }));
  if (JSON.stringify(cut).length <= longestReport) return cut;
  const bare = mapChanges(cut, ({ field, cause }) => ({
    field,
    cause,
    from: undefined,
    to: undefined,
  }));
  if (JSON.stringify(bare).length <= longestReport) return bare;
  const unsteady = bare.resources.filter(
    ({ outcome }) => outcome !== "ok" && outcome !== "skipped",
  );
  const short = { ...bare, resources: unsteady.slice(0, 2_000) };
  if (JSON.stringify(short).length <= longestReport) return short;
  throw new VigoError("failed", "the report of this run is too large to be told");
}

const mapChanges = (report: RunReport, change: (change: Change) => Change): RunReport => ({
  ...report,
  resources: report.resources.map((resource) => ({
    ...resource,
    ...(resource.reason !== undefined && { reason: shortened(resource.reason) }),
    changes: resource.changes.map(change),
  })),
});

const shortened = <T extends string | undefined>(text: T): T =>
  (text === undefined || text.length <= longestValue
    ? text
    : `${text.slice(0, longestValue)}… (${text.length} characters)`) as T;
