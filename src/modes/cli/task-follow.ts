/**
 * Follows a task to its end, whatever happens to the connection: what was told before is not told again. Must not know how it is
 * printed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../../core/api/endpoint.ts";
import { followTask, type Target, type Task, type TaskEvent } from "../../core/api/tasks.ts";
import { VigoError } from "../../core/errors.ts";
import type { Cli } from "./command.ts";

/** A server may take so long to restart. */
const patienceMs = 60_000;

export interface Followed {
  readonly task: Task;
  readonly targets: readonly Target[];
}

/** `told` gets each event once. Rejects when the server stays away. */
export async function followToEnd(
  { follow, screen }: Pick<Cli, "follow" | "screen">,
  id: string,
  told: (event: TaskEvent) => void,
): Promise<Followed> {
  const news = new News();
  let heardAt = performance.now();
  for (;;) {
    try {
      for await (const event of follow(followTask, { params: { id } })) {
        heardAt = performance.now();
        const fresh = news.of(event);
        if (fresh !== undefined) told(fresh);
        if (event.kind === "end") return { task: event.task, targets: news.targets };
      }
    } catch (error) {
      if (!isAway(error) || performance.now() - heardAt > patienceMs) throw error;
      screen.err(`${error.message}; the task goes on, trying again`);
    }
    await sleep(500);
  }
}

const isAway = (error: unknown): error is VigoError =>
  error instanceof VigoError && error.failure === "unavailable";

/** What of an event has not been told yet. */
class News {
  readonly #printed = new Map<string, number>();
  readonly #targets = new Map<string, Target>();
  #state = "";

  get targets(): readonly Target[] {
    return [...this.#targets.values()];
  }

  of(event: Answer<typeof followTask>): TaskEvent | undefined {
    if (event.kind === "output") return this.#output(event);
    if (event.kind === "target") {
      const { envoy_id: id, state } = event.target;
      const isNew = this.#targets.get(id)?.state !== state;
      this.#targets.set(id, event.target);
      return isNew ? event : undefined;
    }
    const isNew = event.kind === "end" || this.#state !== event.task.state;
    this.#state = event.task.state;
    return isNew ? event : undefined;
  }

  #output(event: TaskEvent & { readonly kind: "output" }): TaskEvent | undefined {
    const { envoy_id: id, offset, text } = event;
    const known = this.#printed.get(id) ?? 0;
    const fresh = text.slice(Math.max(0, known - offset));
    this.#printed.set(id, Math.max(known, offset + text.length));
    return fresh === "" ? undefined : { ...event, offset: Math.max(known, offset), text: fresh };
  }
}
