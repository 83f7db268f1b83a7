/** Those who follow runs, by run. Must not know what they do with what they are told. */

/** What those who follow a run are told of. */
export type Happened =
  { readonly kind: "run" | "end" } | { readonly kind: "step"; readonly key: string };

export type Follower = (happened: Happened) => void;

export class Followers {
  readonly #all = new Map<string, Set<Follower>>();

  /** Until the returned function is called. */
  add(id: string, follower: Follower): () => void {
    const all = this.#all.get(id) ?? new Set();
    this.#all.set(id, all.add(follower));
    return () => {
      all.delete(follower);
      if (all.size === 0) this.#all.delete(id);
    };
  }

  tell(id: string, happened: Happened): void {
    for (const follower of this.#all.get(id) ?? []) follower(happened);
  }
}
