/**
 * What a query asks: which machines by a condition over their traits, which values of them, and what is made of these. Types; must not
 * know how it is written, nor who answers.
 */

export const functions = ["count", "sum", "avg", "min", "max"] as const;

export type AggregateName = (typeof functions)[number];

export interface Column {
  /** As it heads the answers: `memory.used_pct`, `avg(memory.used_pct)`, `count()`. */
  readonly name: string;
  /** Absent: the value itself. */
  readonly of?: AggregateName;
  /** Into `paths`; absent: `count()`, of machines. */
  readonly path?: number;
}

export interface Query {
  /** CEL over `traits` and `envoy`; empty: every machine. */
  readonly where: string;
  /** What each machine tells: `os.distro`, each once. */
  readonly paths: readonly string[];
  /** Trait sections that all of it reads; sorted. */
  readonly sections: readonly string[];
  readonly columns: readonly Column[];
  /** Into `paths`. Undefined: a row a machine; empty: one row of all. */
  readonly groupBy: readonly number[] | undefined;
}

/** Of what people may write. */
export const limits = { letters: 4_096, paths: 32 };
