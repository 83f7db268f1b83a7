/** Counts how often envoys change their status, by looking now and then. Must not know why they do. */
import type { Status } from "../../../core/status.ts";
import { Tally } from "../counters.ts";

export class Transitions {
  /** vigo_envoy_state_transitions_total{to} */
  readonly to = new Tally<Status>();
  #before = new Map<string, Status>();

  /** What was not there at the last look has changed nothing. */
  look(standings: Iterable<{ readonly id: string; readonly status: Status }>): void {
    const now = new Map<string, Status>();
    for (const { id, status } of standings) {
      const before = this.#before.get(id);
      if (before !== undefined && before !== status) this.to.add(status);
      now.set(id, status);
    }
    this.#before = now;
  }
}
