/** What is made of the answers of many machines: groups, and in each count, sum, average, least and most. Must not know who answered. */
import { canonicalJson, type Json } from "../json.ts";
import type { Column, Query } from "./query.ts";

/** Beyond it the answer tells nobody anything. */
const mostGroups = 10_000;

type Ranked = number | string;

class Tally {
  #count = 0;
  #sum = 0;
  #least: Ranked | undefined;
  #most: Ranked | undefined;

  add(value: Json): void {
    this.#count++;
    if (typeof value === "number") this.#sum += value;
    if (!isRanked(value)) return;
    if (this.#least === undefined || value < this.#least) this.#least = value;
    if (this.#most === undefined || value > this.#most) this.#most = value;
  }

  /** Of nothing there is no sum, and no average. */
  result(of: NonNullable<Column["of"]>): Json {
    if (of === "count") return this.#count;
    if (this.#count === 0) return null;
    if (of === "min") return this.#least ?? null;
    if (of === "max") return this.#most ?? null;
    return of === "sum" ? this.#sum : this.#sum / this.#count;
  }
}

interface Group {
  readonly values: readonly Json[];
  readonly tallies: readonly Tally[];
}

export class Groups {
  readonly #query: Pick<Query, "columns" | "groupBy" | "paths">;
  readonly #groups = new Map<string, Group>();
  /** By path: what its first value was, so that numbers and texts do not mix. */
  readonly #kinds = new Map<number, string>();

  constructor(query: Pick<Query, "columns" | "groupBy" | "paths">) {
    this.#query = query;
    if (query.groupBy?.length === 0) this.#group([]);
  }

  /** The values of one machine, all or nothing. Why they cannot be counted; undefined: they are. */
  add(values: readonly Json[]): string | undefined {
    const why = this.#unfit(values);
    if (why !== undefined) return why;
    const group = this.#group(values);
    if (group === undefined)
      return `there are more than ${mostGroups} groups: group by something of which there is less`;
    const { columns } = this.#query;
    const { tallies } = group;
    for (const [n, { of, path }] of columns.entries()) {
      const value = path === undefined ? true : (values[path] ?? null);
      if (of !== undefined && value !== null) tallies[n]?.add(value);
    }
    return undefined;
  }

  /** In the order of what they are grouped by. */
  rows(): readonly (readonly Json[])[] {
    const { columns, groupBy = [] } = this.#query;
    const place = ({ values }: Group) => groupBy.map((path) => values[path] ?? null);
    return [...this.#groups.values()]
      .sort((a, b) => inOrder(place(a), place(b)))
      .map(({ values, tallies }) =>
        columns.map(({ of, path = -1 }, n) =>
          of === undefined ? (values[path] ?? null) : (tallies[n]?.result(of) ?? null),
        ),
      );
  }

  /** Sums and averages are of numbers; least and most of one kind. */
  #unfit(values: readonly Json[]): string | undefined {
    for (const { of, path } of this.#query.columns) {
      const value = path === undefined ? null : (values[path] ?? null);
      if (path === undefined || of === undefined || of === "count" || value === null) continue;
      const name = this.#query.paths[path];
      if (typeof value !== "number" && (of === "sum" || of === "avg" || !isRanked(value)))
        return `its ${name} is not a number`;
      const kind = this.#kinds.get(path) ?? typeof value;
      if (kind !== typeof value) return `its ${name} is a ${typeof value}, and others' a ${kind}`;
      this.#kinds.set(path, kind);
    }
    return undefined;
  }

  /** Undefined: it would be one too many. */
  #group(values: readonly Json[]): Group | undefined {
    const { columns, groupBy = [] } = this.#query;
    const key = canonicalJson(groupBy.map((path) => values[path] ?? null));
    const found = this.#groups.get(key);
    if (found !== undefined) return found;
    if (this.#groups.size >= mostGroups) return undefined;
    const group = { values, tallies: columns.map(() => new Tally()) };
    this.#groups.set(key, group);
    return group;
  }
}

const isRanked = (value: Json): value is Ranked =>
  typeof value === "number" || typeof value === "string";

function inOrder(a: readonly Json[], b: readonly Json[]): number {
  for (const [n, one] of a.entries()) {
    const other = b[n] ?? null;
    const order = compared(one, other);
    if (order !== 0) return order;
  }
  return 0;
}

function compared(a: Json, b: Json): number {
  if (isRanked(a) && typeof a === typeof b)
    return a < (b as Ranked) ? -1 : Number(a > (b as Ranked));
  const [left, right] = [canonicalJson(a), canonicalJson(b)];
  return left < right ? -1 : Number(left > right);
}
