/** Orders leave for those whose turn it is, and who have a stream. Must not know what envoys answer, nor when a batch is over. */
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

  /** Written down before it leaves: whatever happens then, it counts as one that the envoy may have. */
  async due(task: ActiveTask): Promise<void> {
    const now = this.#now();
    const due = this.#due(task, now);
    if (due.length === 0) return;
    for (const target of due) target.dispatching = true;
    try {
      await this.#options.store.tasks.sent(
        task.id,
        due.map(({ envoyId }) => envoyId),
        now,
      );
    } finally {
      for (const target of due) target.dispatching = false;
    }
    for (const target of due) {
      target.sentAt = now;
      if (target.state === "waiting") target.state = "sent";
      this.order(task, target);
      this.#roster.tell(task, { kind: "target", target });
    }
  }

  /** To begin, or to stop where the task is cancelled. */
  order({ row }: ActiveTask, { envoyId }: ActiveTarget): void {
    const { streams, signing } = this.#options;
    const make = row.state === "cancelled" ? cancelOrder : taskOrder;
    streams.send(envoyId, { case: "order", value: make(row, envoyId, signing) });
  }

  /** No more at once than a batch has, those who come late to a former batch included. */
  #due(task: ActiveTask, now: number): readonly ActiveTarget[] {
    if (!task.mayBegin || now >= task.row.expiresAt) return [];
    const { streams } = this.#options;
    const { isAway, isAwaited } = this.#presence;
    const open = task.open();
    const ready = open.filter(
      (target) =>
        !target.isUnderWay &&
        task.isTurnOf(target) &&
        streams.isOpen(target.envoyId) &&
        !isAway(target),
    );
    const { batchSize } = task.row;
    if (batchSize === undefined || ready.length === 0) return ready;
    const underWay = open.filter((each) => each.isUnderWay && isAwaited(task, each)).length;
    return ready.slice(0, Math.max(0, batchSize - underWay));
  }
}
