/**
 * Which tasks this agent was ordered, and how far each is: on disk before the act it tells of (docs/design/semantics.md §10). Must not
 * know processes, nor the wire.
 */
import type { Cache, TaskRecord } from "../cache.ts";

export type TaskResult = NonNullable<TaskRecord["result"]>;

/** An order that has expired is not obeyed; the clock may have been set back by so much. */
const keptAfterMs = 3_600_000;

export class TaskRecords {
  readonly #cache: Pick<Cache, "get" | "set">;
  readonly #now: () => number;

  constructor(cache: Pick<Cache, "get" | "set">, now: () => number) {
    this.#cache = cache;
    this.#now = now;
  }

  all(): readonly (readonly [string, TaskRecord])[] {
    return Object.entries(this.#cache.get("tasks") ?? {});
  }

  find(id: string): TaskRecord | undefined {
    const records = this.#cache.get("tasks") ?? {};
    return Object.hasOwn(records, id) ? records[id] : undefined;
  }

  /** On disk when it returns. */
  put(id: string, record: TaskRecord): void {
    const records = this.#cache.get("tasks") ?? {};
    this.#cache.set("tasks", { ...records, [id]: record });
  }

  /** The server has the result. Records that no order can come back to go. */
  taken(id: string): void {
    const known = this.find(id);
    if (known === undefined) return;
    const now = this.#now();
    const left = this.all().filter(
      ([, { taken, expiresAt }]) => taken !== true || expiresAt + keptAfterMs > now,
    );
    this.#cache.set("tasks", { ...Object.fromEntries(left), [id]: { ...known, taken: true } });
  }
}
