/** Orders leave for those whose turn it is, and who have a stream. Must not know what envoys answer, nor when a batch is over. */
import type { Steps } from "../../../core/steps.ts";
import { gently } from "../gently.ts";
import type { Streams } from "../grpc/streams.ts";
import type { Store } from "../store/store.ts";
import type { ActiveTarget, ActiveTask } from "./active.ts";
import { cancelOrder, type Signing, taskOrder } from "./orders.ts";
import type { Roster } from "./roster.ts";

export interface DispatchOptions {
  readonly store: Pick<Store, "tasks">;
  readonly streams: Pick<Streams, "send" | "isOpen">;
  readonly signing: Signing;
}

export interface Presence {
  /** Its stream may be dead: nobody has heard of it for long. */
  isAway(target: ActiveTarget): boolean;
  isAwaited(task: ActiveTask, target: ActiveTarget): boolean;
}

/** Who may have become due. */
export type Looked = Iterable<ActiveTarget> | "all";

export class Dispatch {
  readonly #options: DispatchOptions;
  readonly #roster: Roster;
  readonly #presence: Presence;
  readonly #now: () => number;

  constructor(options: DispatchOptions, roster: Roster, presence: Presence, now: () => number) {
    this.#options = options;
    this.#presence = presence;
    this.#roster = roster;
    this.#now = now;
  }

  /**
   * Written down before it leaves: whatever happens then, it counts as one that the envoy may have. `among`: nobody else can have
   * become due since this was asked last.
   */
  async due(task: ActiveTask, among: Looked = "all"): Promise<void> {
    const now = this.#now();
    const due = this.claim(task, now, among);
    if (due.length === 0) return;
    try {
      const ids = due.map(({ envoyId }) => envoyId);
      await this.#options.store.tasks.sent(task.id, ids, now);
    } catch (caught) {
      for (const target of due) target.dispatching = false;
      throw caught;
    }
    await this.leave(task, due, now);
  }

  /** Those that are due, as being about to leave; `leave` follows once that is on disk. */
  claim(task: ActiveTask, now: number, among: Looked = "all"): readonly ActiveTarget[] {
    const due = this.#due(task, now, task.crowded || among === "all" ? task.inTurn() : among);
    for (const target of due) target.dispatching = true;
    return due;
  }

  /** Others are answered meanwhile: thousands are signed one by one. */
  leave(task: ActiveTask, due: readonly ActiveTarget[], sentAt: number): Promise<void> {
    return gently(this.#leaving(task, due, sentAt));
  }

  *#leaving(task: ActiveTask, due: readonly ActiveTarget[], sentAt: number): Steps<void> {
    for (const target of due) {
      target.dispatching = false;
      target.sentAt = sentAt;
      if (target.state === "waiting") target.state = "sent";
      this.order(task, target);
      this.#roster.tell(task, { kind: "target", target });
      yield;
    }
  }

  /** To begin, or to stop where the task is cancelled. */
  order({ row }: ActiveTask, { envoyId }: ActiveTarget): void {
    const { streams, signing } = this.#options;
    const make = row.state === "cancelled" ? cancelOrder : taskOrder;
    streams.send(envoyId, { case: "order", value: make(row, envoyId, signing) });
  }

  /** No more at once than a batch has, those who come late to a former batch included. */
  #due(task: ActiveTask, now: number, among: Iterable<ActiveTarget>): readonly ActiveTarget[] {
    if (!task.mayBegin || now >= task.row.expiresAt) return [];
    const ready: ActiveTarget[] = [];
    for (const target of among) if (this.#isReady(task, target)) ready.push(target);
    const { batchSize } = task.row;
    if (batchSize === undefined || ready.length === 0) return ready;
    const room = Math.max(0, batchSize - this.#underWay(task));
    task.crowded = ready.length > room;
    return ready.slice(0, room);
  }

  #isReady(task: ActiveTask, target: ActiveTarget): boolean {
    return (
      !target.isUnderWay &&
      task.isTurnOf(target) &&
      this.#options.streams.isOpen(target.envoyId) &&
      !this.#presence.isAway(target)
    );
  }

  #underWay(task: ActiveTask): number {
    let count = 0;
    for (const target of task.inTurn())
      if (target.isUnderWay && this.#presence.isAwaited(task, target)) count++;
    return count;
  }
}
