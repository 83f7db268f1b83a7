/**
 * What a parsed condition is, and the two ways it can fail: refused at publish, or undecided for one machine. Types and one
 * error; must not know CEL, so that it costs nothing to import.
 */

/** A name of a var or a role in a condition, with its place in the text. */
export interface VarRead {
  readonly name: string;
  /** UTF-16 units from the start of the source. */
  readonly offset: number;
}

export interface Condition {
  readonly kind: "condition";
  /** As written. */
  readonly source: string;
  /** `when: changed`, alone: the resource waits to be notified. Nothing else is to be decided. */
  readonly changed: boolean;
  /** Vars read, each name once. */
  readonly vars: readonly VarRead[];
  /** Vars asked for by `has(vars.x)`: these may be undefined. */
  readonly varsAsked: readonly string[];
  /** Roles asked for by `role("x")`, each name once. */
  readonly roles: readonly VarRead[];
  /** Trait sections read, by functions too; sorted. */
  readonly sections: readonly string[];
  /** The same by field: `os.family`; a section alone where the whole was asked for; sorted. */
  readonly fields: readonly string[];
  /** Functions and names of ours that are used (`in_percent`, `environment`, …); sorted. */
  readonly functions: readonly string[];
  /** The server decides it for good: each leaf is a literal, var, environment, role, in_percent or stable trait field. */
  readonly onServer: boolean;
  /** It asks the machine or its clock. Where that is not so, reported traits can decide it: what a `where:` needs. */
  readonly needsEnvoy: boolean;
}

export interface ConditionError {
  readonly kind: "error";
  /** One sentence without a full stop. */
  readonly message: string;
  /** UTF-16 units from the start of the source. */
  readonly offset: number;
  readonly hint?: string;
}

/** There is no answer: a value is missing or a question failed. Never the same as false. The message is the reason. */
export class CannotDecide extends Error {
  override readonly name = "CannotDecide";
}
