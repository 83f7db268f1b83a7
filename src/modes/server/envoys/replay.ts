/** Which sequence numbers of one envoy have been used (semantics §5). Must not know clocks, nor who asks. */

const width = 1024n;
const full = (1n << width) - 1n;

/**
 * Takes a number above the highest, or one of the 1,024 below it that was not taken yet. In memory only: after a restart
 * everything that arrives first is taken, which is harmless because every effect is idempotent.
 */
export class ReplayWindow {
  #highest: bigint | undefined;
  /** Bit n: `highest - n` is taken. One word long as a rule, because numbers are microseconds. */
  #taken = 1n;

  get highest(): bigint | undefined {
    return this.#highest;
  }

  take(sequence: bigint): boolean {
    if (this.#highest === undefined || sequence > this.#highest) return this.#raise(sequence);
    const below = this.#highest - sequence;
    if (below >= width || (this.#taken >> below) & 1n) return false;
    this.#taken |= 1n << below;
    return true;
  }

  #raise(sequence: bigint): true {
    const by = this.#highest === undefined ? width : sequence - this.#highest;
    this.#taken = by >= width ? 1n : ((this.#taken << by) & full) | 1n;
    this.#highest = sequence;
    return true;
  }
}
