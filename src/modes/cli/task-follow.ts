/**
 * Follows a task to its end, whatever happens to the connection: what was told before is not told again. Must not know how it is
 * printed.
 */
import type { Answer } from "../../core/api/endpoint.ts";
import { followTask, type Target, type Task, type TaskEvent } from "../../core/api/tasks.ts";
import type { Cli } from "./command.ts";
import { patiently } from "./patiently.ts";

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
  const open = () => follow(followTask, { params: { id } });
  for await (const event of patiently(screen, { what: "task", open })) {
    const fresh = news.of(event);
    if (fresh !== undefined) told(fresh);
    if (event.kind === "end") return { task: event.task, targets: news.targets };
  }
  throw new Error("a task that was followed never ended");
}

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
