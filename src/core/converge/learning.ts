/**
 * What a run finds out for the next one: under which parameters each resource was enforced, and of which that is no longer true.
 * Must not know how a resource ends, nor where records are kept.
 */
import type { Looks } from "./quick-checks.ts";
import type { RunRecords } from "./records.ts";

export class Learning {
  readonly #records: RunRecords;
  readonly #before: ReadonlyMap<string, string>;
  readonly #enforced = new Map<string, string>();
  readonly #forgotten: string[] = [];

  constructor(records: RunRecords) {
    this.#records = records;
    this.#before = records.enforced();
  }

  /** With these very parameters, by an earlier run. */
  wasEnforced(key: string, intent: string): boolean {
    return this.#before.get(key) === intent;
  }

  enforced(key: string, intent: string): void {
    if (!this.wasEnforced(key, intent)) this.#enforced.set(key, intent);
  }

  /** It had no turn: next time it is something new. */
  skipped(key: string): void {
    if (this.#before.has(key)) this.#forgotten.push(key);
  }

  /** `keys`: of all resources that there are now. */
  async keep(keys: Iterable<string>, looks: Looks | undefined): Promise<void> {
    const known = new Set(keys);
    for (const key of this.#before.keys()) if (!known.has(key)) this.#forgotten.push(key);
    const [enforced, forgotten] = [this.#enforced, this.#forgotten];
    if (enforced.size > 0 || forgotten.length > 0 || looks !== undefined)
      await this.#records.learn({ enforced, forgotten, ...(looks && { looks }) });
  }
}
