/** What has come of a query so far, as events for one who asked. Must not know how answers arrive. */
import type { QueryEvent } from "../../../core/api/query.ts";
import type { Json } from "../../../core/json.ts";
import { Groups } from "../../../core/query/groups.ts";
import type { Query } from "../../../core/query/query.ts";
import type { Envoy } from "../envoys/envoy.ts";

type Row = QueryEvent & { readonly kind: "row" };

export interface Extra {
  readonly collected_at?: string;
  readonly warning?: string;
}

export class QueryTally {
  readonly #query: Query;
  readonly #asked: number;
  readonly #limit: number;
  readonly #groups: Groups | undefined;
  #answered = 0;
  #matched = 0;
  #missing = 0;
  #leftOut = 0;

  constructor(query: Query, asked: number, limit: number) {
    this.#query = query;
    this.#asked = asked;
    this.#limit = limit;
    this.#groups = query.groupBy === undefined ? undefined : new Groups(query);
  }

  begin(streams: number): QueryEvent {
    const columns = this.#query.columns.map(({ name }) => name);
    return {
      kind: "begin",
      columns,
      grouped: this.#groups !== undefined,
      asked: this.#asked,
      streams,
    };
  }

  /** Undefined: it is in a group, or above the limit. */
  said(envoy: Envoy, values: readonly Json[], extra: Extra): QueryEvent | undefined {
    const why = this.#groups?.add(values);
    if (why !== undefined) return this.erred(envoy, why);
    this.#answered++;
    this.#matched++;
    if (this.#groups !== undefined) return undefined;
    if (this.#matched > this.#limit) {
      this.#leftOut++;
      return undefined;
    }
    const { columns } = this.#query;
    const shown = columns.map(({ path = -1 }) => values[path] ?? null) as Row["values"];
    return { kind: "row", ...who(envoy), values: shown, ...extra };
  }

  /** The condition does not hold there. */
  passedOver(): void {
    this.#answered++;
  }

  /** It answered that it has no answer. */
  erred(envoy: Envoy, reason: string): QueryEvent {
    this.#answered++;
    return this.silent(envoy, reason);
  }

  silent(envoy: Envoy, reason: string): QueryEvent {
    this.#missing++;
    return { kind: "missing", ...who(envoy), reason };
  }

  progress(): QueryEvent {
    return { kind: "progress", asked: this.#asked, answered: this.#answered };
  }

  *end(): Iterable<QueryEvent> {
    const rows = this.#groups?.rows() ?? [];
    for (const values of rows.slice(0, this.#limit))
      yield { kind: "group", values: values as Row["values"] };
    yield {
      kind: "end",
      asked: this.#asked,
      answered: this.#answered,
      matched: this.#matched,
      missing: this.#missing,
      left_out: this.#leftOut + Math.max(0, rows.length - this.#limit),
    };
  }
}

const who = ({ id, row }: Envoy) => ({ envoy_id: id, hostname: row.hostname });
