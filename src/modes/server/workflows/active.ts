/** One run that has not ended, in memory: its machines and the steps that have begun. Must not know the database, nor time. */
import { Line } from "../../../core/line.ts";
import {
  membersFor,
  type Next,
  nextOf,
  type Slot,
  type StepEnd,
} from "../../../core/workflows/course.ts";
import type { Ill } from "../tasks/health.ts";
import type {
  WorkflowFailure,
  WorkflowMemberRow,
  WorkflowRunRow,
  WorkflowStepEnding,
  WorkflowStepRow,
} from "../store/workflows.ts";

/** What one who looks again and again at a step remembers; forgotten with the process. */
export interface Scratch {
  /** Machines that need no further look. */
  readonly settled: Set<string>;
  /** Those that broke a rule, and how. */
  readonly broken: Map<string, string>;
  /** Those that are let alone, and why: they neither fail nor hold the others up. */
  readonly passedOver: Map<string, string>;
  /** What was counted of each at the first look. */
  readonly numbers: Map<string, number>;
  /** When to look again. */
  nextLookAt: number;
  /** Why nothing is known of some. */
  readonly reasons: Map<string, string>;
  /** Machines have been asked themselves. */
  wasAsked: boolean;
  /** What machines said last, when they were asked themselves; a look heeds it once. */
  said: ReadonlyMap<string, boolean | string> | undefined;
  /** Somebody is being asked. */
  asking: boolean;
  answer: Ill | undefined;
  isGood: boolean;
}

export class ActiveRun {
  row: WorkflowRunRow;
  #members: readonly WorkflowMemberRow[];
  readonly #steps: Map<string, WorkflowStepRow>;
  readonly #scratch = new Map<string, Scratch>();
  readonly #line = new Line();
  /** Somebody works on it. */
  busy = 0;

  constructor(
    row: WorkflowRunRow,
    members: readonly WorkflowMemberRow[],
    steps: readonly WorkflowStepRow[],
  ) {
    this.row = row;
    this.#members = members;
    this.#steps = new Map(steps.map((step) => [step.key, step]));
  }

  get id(): string {
    return this.row.id;
  }

  get members(): readonly WorkflowMemberRow[] {
    return this.#members;
  }

  get steps(): readonly WorkflowStepRow[] {
    return [...this.#steps.values()];
  }

  get failed(): number {
    return this.#members.filter(({ failedAt }) => failedAt !== undefined).length;
  }

  step(key: string): WorkflowStepRow | undefined {
    return this.#steps.get(key);
  }

  next(): Next {
    const soFar = new Map<string, StepEnd | "open">(
      this.steps.map(({ key, ending }) => [key, ending?.state ?? "open"]),
    );
    return nextOf(this.row.pinned, this.row.batches, this.row, soFar);
  }

  /** The clock leapt: what is left of its time stays left. */
  leapt(by: number): void {
    this.row = { ...this.row, createdAt: this.row.createdAt + by };
    for (const step of this.open())
      this.#steps.set(step.key, { ...step, startedAt: step.startedAt + by });
    for (const scratch of this.#scratch.values()) scratch.nextLookAt += by;
  }

  /** Steps that have begun and not ended. */
  open(): readonly WorkflowStepRow[] {
    return this.steps.filter(({ ending }) => ending === undefined);
  }

  membersFor(slot: Slot): readonly WorkflowMemberRow[] {
    return membersFor(slot, this.#members);
  }

  membersOf({ envoys }: WorkflowStepRow): readonly WorkflowMemberRow[] {
    const chosen = new Set(envoys);
    return this.#members.filter(({ envoyId }) => chosen.has(envoyId));
  }

  scratch(key: string): Scratch {
    const known = this.#scratch.get(key);
    if (known !== undefined) return known;
    const looks = { nextLookAt: 0, asking: false, wasAsked: false, said: undefined };
    const answer = { answer: undefined, isGood: false };
    const fresh = {
      settled: new Set<string>(),
      broken: new Map<string, string>(),
      passedOver: new Map<string, string>(),
      reasons: new Map<string, string>(),
      numbers: new Map<string, number>(),
      ...looks,
      ...answer,
    };
    this.#scratch.set(key, fresh);
    return fresh;
  }

  began(step: WorkflowStepRow): void {
    this.#steps.set(step.key, step);
  }

  ended(key: string, ending: WorkflowStepEnding, failures: readonly WorkflowFailure[]): void {
    const step = this.#steps.get(key);
    if (step !== undefined) this.#steps.set(key, { ...step, ending });
    this.#scratch.delete(key);
    if (failures.length === 0) return;
    const why = new Map(failures.map(({ envoyId, reason }) => [envoyId, reason]));
    this.#members = this.#members.map((member) => {
      const reason = why.get(member.envoyId);
      return reason === undefined || member.failedAt !== undefined
        ? member
        : { ...member, failedAt: key, reason };
    });
  }

  /** One after the other. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    this.busy++;
    return this.#line.add(work).finally(() => {
      this.busy--;
    });
  }
}
