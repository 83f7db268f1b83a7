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
  readonly targets: ReadonlyMap<string, ActiveTarget>;
  /** A health check looks after the batch whose turn it was. */
  checking = false;
  /** `store.stop` is under way. */
  stopping = false;
  /** `store.end` is under way. */
  closing = false;

  constructor(row: TaskRow, targets: readonly TargetRow[]) {
    this.row = row;
    this.targets = new Map(targets.map((each) => [each.envoyId, new ActiveTarget(each)]));
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

  get batches(): number {
    let most = 0;
    for (const { batch } of this.targets.values()) most = Math.max(most, batch);
    return most + 1;
  }

  open(): readonly ActiveTarget[] {
    return [...this.targets.values()].filter((each) => each.isOpen);
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

  /** Whose turn it is when this one and all before it are over; undefined: they are not, or there is no further one. */
  nextBatch(isAwaited: (target: ActiveTarget) => boolean): number | undefined {
    let next: number | undefined;
    for (const target of this.targets.values()) {
      if (!target.isOpen || !isAwaited(target)) continue;
      if (target.batch <= this.row.batch) return undefined;
      next = Math.min(next ?? target.batch, target.batch);
    }
    return next;
  }

  get hasTooManyFailures(): boolean {
    const { maxFailures } = this.row;
    if (maxFailures === undefined) return false;
    let failed = 0;
    for (const { state } of this.targets.values()) if (isFailure(state)) failed++;
    return failed > maxFailures;
  }

  counts(): Readonly<Partial<Record<TargetState, number>>> {
    const all: Partial<Record<TargetState, number>> = {};
    for (const { state } of this.targets.values()) all[state] = (all[state] ?? 0) + 1;
    return all;
  }
}
