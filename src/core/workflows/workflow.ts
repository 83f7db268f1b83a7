/**
 * A workflow as a file of the tree declares it: steps over batches of machines. Plain data, since each run keeps a copy of what it
 * began with. Must not know files, nor how it is carried out.
 */
import type { Role } from "../api/roles.ts";
import type { RolloutPlan } from "../rollout/plan.ts";
import type { Param, Values } from "../tasks/values.ts";

/** In which batches a step is done. */
export const turns = ["every", "first", "rest", "last"] as const;
export type Turn = (typeof turns)[number];

/**
 * Whom a step is for, of the machines of the run: `batch` those of the batch that have not failed · `failed` those that have · `begun`
 * those of all batches so far, failed or not · `all` everyone. In `on_failure:`, `batch` holds those that failed too.
 */
export const scopes = ["batch", "failed", "begun", "all"] as const;
export type Scope = (typeof scopes)[number];

interface Common {
  /** Unique in its list. */
  readonly name: string;
  readonly turn: Turn;
  readonly targets: Scope;
  /** Only those machines for which it holds when the step begins; a step without any is skipped. */
  readonly when?: string;
  /** How long it may take. */
  readonly timeoutMs: number;
}

interface Ordered {
  /** Machines that have not begun by then have failed. */
  readonly expiresMs: number;
  /** Although a guardrail holds the command back. */
  readonly force: boolean;
}

interface RunStep extends Common, Ordered {
  readonly kind: "run";
  /** For `sh -c`; the parameters of the workflow are in its environment. */
  readonly command: string;
}

interface TaskStep extends Omit<Common, "timeoutMs">, Ordered {
  readonly kind: "task";
  readonly task: string;
  /** As written; `$name` stands for the parameter of the workflow. */
  readonly params: Readonly<Record<string, string>>;
  /** Absent: that of the named task. */
  readonly timeoutMs?: number;
}

/** A `run` or a `task`, with everything that it takes to order it. */
export interface OrderStep extends Common, Ordered {
  readonly kind: "run" | "task";
  /** For people. */
  readonly command: string;
  readonly named: NamedOrder;
}

export interface NamedOrder {
  readonly name: string;
  readonly argv: readonly string[];
  readonly params: Values;
}

export interface PushStep extends Common {
  readonly kind: "push";
}

export interface WaitStep extends Common {
  readonly kind: "wait";
  /** Must come true on each machine, once. */
  readonly until: string;
}

export interface HoldStep extends Common {
  readonly kind: "hold";
  readonly holdMs: number;
  /** A machine for which it stops being true has failed. */
  readonly while?: string;
}

export interface HealthStep extends Common {
  readonly kind: "health";
  /** Asked by the server until it answers well. */
  readonly url: string;
}

export interface ApprovalStep extends Common {
  readonly kind: "approval";
  /** Only somebody with this role; absent: whoever may run workflows. */
  readonly role?: Role;
  /** Not whoever began the run. */
  readonly other: boolean;
}

/** What lies in the stacks of the server's host then. */
export interface PublishStep extends Common {
  readonly kind: "publish";
  readonly message: string;
  /** It may take the place of what the stacks of this host do not have. */
  readonly replace: boolean;
  /** To parts of the fleet first; absent: to everyone at once. */
  readonly rollout?: RolloutPlan;
}

type Plain = PublishStep | PushStep | WaitStep | HoldStep | HealthStep | ApprovalStep;

export type Step = RunStep | TaskStep | Plain;

/** Of a run: nothing is left to be looked up. */
export type PinnedStep = OrderStep | Plain;

export const stepKinds = [
  "run",
  "task",
  "publish",
  "push",
  "wait",
  "hold",
  "health",
  "approval",
] as const;

export type StepKind = (typeof stepKinds)[number];

export interface Workflow extends Omit<Pinned, "steps" | "onFailure"> {
  /** Who may run it; empty: whoever may run workflows. */
  readonly roles: readonly Role[];
  readonly params: ReadonlyMap<string, Param>;
  /** WHO, as `task run --target` takes it; empty: whoever runs it says so. */
  readonly targets: readonly string[];
  readonly steps: readonly Step[];
  readonly onFailure: readonly Step[];
}

/** What a run keeps of its workflow, as it was when it began. */
export interface Pinned {
  readonly name: string;
  /** `workflows/upgrade.vgo:1` */
  readonly place: string;
  readonly description: string;
  /** Sizes of what has had its turn after each batch, as numbers or parts of all; the last is the whole. */
  readonly batches: readonly string[];
  /** More failed machines than these end the run, as a number or a part of all. */
  readonly maxFailures: string;
  readonly timeoutMs: number;
  readonly steps: readonly PinnedStep[];
  readonly onFailure: readonly PinnedStep[];
}
