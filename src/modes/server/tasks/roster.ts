/** The tasks that have not ended, by id and by envoy, and who follows them. Must not know how they go on. */
import type { TaskEnding } from "../store/tasks.ts";
import type { ActiveTarget, ActiveTask } from "./active.ts";

/** What those who follow a task are told of. */
export type Happened =
  | { readonly kind: "target"; readonly target: ActiveTarget; readonly ending?: TaskEnding }
  | {
      readonly kind: "output";
      readonly target: ActiveTarget;
      readonly offset: number;
      readonly stream: "out" | "err";
      readonly text: string;
    }
  | { readonly kind: "task" }
  | { readonly kind: "end" };

export class Roster {
  readonly #tasks = new Map<string, ActiveTask>();
  readonly #ofEnvoy = new Map<string, Set<ActiveTask>>();
  readonly #followers = new Map<string, Set<(happened: Happened) => void>>();

  find(id: string): ActiveTask | undefined {
    return this.#tasks.get(id);
  }

  all(): readonly ActiveTask[] {
    return [...this.#tasks.values()];
  }

  /** Those in which it has not ended. */
  of(envoyId: string): readonly ActiveTask[] {
    return [...(this.#ofEnvoy.get(envoyId) ?? [])];
  }

  take(task: ActiveTask): void {
    this.#tasks.set(task.id, task);
    for (const { envoyId } of task.open()) {
      const all = this.#ofEnvoy.get(envoyId) ?? new Set();
      this.#ofEnvoy.set(envoyId, all.add(task));
    }
  }

  /** It has ended there. */
  leave(task: ActiveTask, envoyId: string): void {
    const all = this.#ofEnvoy.get(envoyId);
    all?.delete(task);
    if (all?.size === 0) this.#ofEnvoy.delete(envoyId);
  }

  drop(task: ActiveTask): void {
    this.#tasks.delete(task.id);
  }

  /** Until the returned function is called. */
  follow(id: string, follower: (happened: Happened) => void): () => void {
    const all = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, all.add(follower));
    return () => {
      all.delete(follower);
      if (all.size === 0) this.#followers.delete(id);
    };
  }

  tell(task: ActiveTask, happened: Happened): void {
    for (const follower of this.#followers.get(task.id) ?? []) follower(happened);
  }
}
