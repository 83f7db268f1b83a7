/**
 * One task that has not ended, in memory: how far it is on each target, and what they have printed. Must not know streams, nor the
 * database.
 */
import {
  isFailure,
  isFinal,
  joined,
  type Piece,
  type TargetState,
} from "../../../core/tasks/states.ts";
import type { TargetRow, TaskEnding, TaskRow } from "../store/tasks.ts";

/** Beyond the time it has: for the way there and back. */
const graceMs = 30_000;

export class ActiveTarget {
  readonly envoyId: string;
  readonly hostname: string;
  readonly batch: number;
  state: TargetState;
  sentAt: number | undefined;
  startedAt: number | undefined;
  /** Its order is about to leave. */
  dispatching = false;
  #pieces: Piece[] = [];
  #printed = 0;

  constructor({ envoyId, hostname, batch, sentAt, ending }: TargetRow) {
    this.envoyId = envoyId;
    this.hostname = hostname;
    this.batch = batch;
    this.sentAt = sentAt;
    this.state = ending?.state ?? (sentAt === undefined ? "waiting" : "sent");
  }

  get isOpen(): boolean {
    return !isFinal(this.state);
  }

  /** It may have the order. */
  get isOut(): boolean {
    return this.isOpen && this.sentAt !== undefined;
  }

  /** Its order has left, or is about to. */
  get isUnderWay(): boolean {
    return this.isOut || this.dispatching;
  }

  get output(): readonly Piece[] {
    return joined(this.#pieces);
  }

  /** Where the piece begins; undefined: it was told before, or is more than an envoy may tell. */
  take(number: number, piece: Piece, limit: number): number | undefined {
    const offset = this.#printed;
    if (number !== this.#pieces.length || offset + piece.text.length > limit) return undefined;
    this.#pieces.push(piece);
    this.#printed += piece.text.length;
    return offset;
  }

  /** What it printed is on disk now. */
  ended(state: TaskEnding["state"]): void {
    this.state = state;
    this.#pieces = [];
  }
}

export class ActiveTask {
  row: TaskRow;
  /** By batch. */
  readonly targets: ReadonlyMap<string, ActiveTarget>;
  /** There was no room for all whose turn it was. */
  crowded = false;
  /** A health check looks after the batch whose turn it was. */
  checking = false;
  /** `store.stop` is under way. */
  stopping = false;
  /** `store.end` is under way. */
  closing = false;
  /** By batch. */
  readonly #open: Set<ActiveTarget>;
  #failed: number;
  /** Of its batches. */
  readonly #last: number;

  constructor(row: TaskRow, targets: readonly TargetRow[]) {
    this.row = row;
    const all = targets.toSorted((a, b) => a.batch - b.batch).map((each) => new ActiveTarget(each));
    this.targets = new Map(all.map((each) => [each.envoyId, each]));
    this.#open = new Set(all.filter(({ isOpen }) => isOpen));
    this.#failed = all.filter(({ state }) => isFailure(state)).length;
    this.#last = all.at(-1)?.batch ?? 0;
  }

  get id(): string {
    return this.row.id;
  }

  /** Nobody begins it any more. */
  get isStopped(): boolean {
    return this.row.state !== "running" && this.row.state !== "paused";
  }

  get isOver(): boolean {
    return this.row.endedAt !== undefined;
  }

  /** Nothing keeps those whose turn it is from beginning. */
  get mayBegin(): boolean {
    return this.row.state === "running" && !this.stopping && !this.checking;
  }

  /** The clock leapt: what is left of its time stays left. */
  leapt(by: number): void {
    const { createdAt, expiresAt } = this.row;
    this.row = { ...this.row, createdAt: createdAt + by, expiresAt: expiresAt + by };
    for (const target of this.#open) if (target.sentAt !== undefined) target.sentAt += by;
  }

  open(): readonly ActiveTarget[] {
    return [...this.#open];
  }

  /** When the orders left that may be under way. */
  sent(): readonly (readonly [envoyId: string, sentAt: number])[] {
    const all: [string, number][] = [];
    for (const { envoyId, sentAt } of this.#open)
      if (sentAt !== undefined) all.push([envoyId, sentAt]);
    return all;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Of the batch whose turn it is, and of those before it. */
  *inTurn(): Iterable<ActiveTarget> {
    for (const target of this.#open)
      if (this.isTurnOf(target)) yield target;
      else return;
  }

  /** What it printed is on disk now. */
  end(target: ActiveTarget, state: TaskEnding["state"]): void {
    if (!this.#open.delete(target)) return;
    target.ended(state);
    if (isFailure(state)) this.#failed++;
  }

  /** It may begin: those before it have ended, or are away. */
  isTurnOf(target: ActiveTarget): boolean {
    return target.isOpen && target.batch <= this.row.batch;
  }

  /** It begins now or next, so that its stream should be there. */
  isSoonTurnOf(target: ActiveTarget): boolean {
    return target.isOpen && target.batch <= this.row.batch + 1;
  }

  /** Its batch waits for it: it is there, or may have begun and has time left. */
  awaits(target: ActiveTarget, isAway: boolean, now: number): boolean {
    if (!target.isOpen || !isAway) return target.isOpen;
    return target.isUnderWay && now < (target.sentAt ?? now) + this.row.timeoutMs + graceMs;
  }

  /** Of all targets. */
  inStates(states: readonly TargetState[]): readonly ActiveTarget[] {
    return [...this.targets.values()].filter(({ state }) => states.includes(state));
  }

  /** Whose turn it is when this one and all before it are over; undefined: they are not, or there is no further one. */
  nextBatch(isAwaited: (target: ActiveTarget) => boolean): number | undefined {
    if (this.row.batch >= this.#last) return undefined;
    for (const target of this.#open)
      if (isAwaited(target)) return target.batch <= this.row.batch ? undefined : target.batch;
    return undefined;
  }

  /** The batch whose turn it is has ended, and who has come late to those before it. */
  isTurnOver(isAwaited: (target: ActiveTarget) => boolean): boolean {
    for (const target of this.inTurn()) if (isAwaited(target)) return false;
    return true;
  }

  get hasTooManyFailures(): boolean {
    const { maxFailures } = this.row;
    return maxFailures !== undefined && this.#failed > maxFailures;
  }

  counts(): Readonly<Partial<Record<TargetState, number>>> {
    const all: Partial<Record<TargetState, number>> = {};
    for (const { state } of this.targets.values()) all[state] = (all[state] ?? 0) + 1;
    return all;
  }
}
