/**
 * Edges that nobody has to write: a file comes after the directory that holds it, because its type says that it follows that
 * claim. Added only where what was written does not say the opposite (semantics §1). Must not know any type.
 */
import type { Owners } from "./claims.ts";
import type { Successors } from "./cycles.ts";
import type { Examined } from "./examine.ts";

type Edge = readonly [from: number, to: number];

/**
 * Pairs of inclusion indices, first → after. An owner that is to be absent goes last instead: a directory is removed after what
 * is in it. `explicit` has no cycle.
 */
export function automaticEdges(
  looked: readonly Examined[],
  owners: Owners,
  explicit: Successors,
): readonly Edge[] {
  const edges: Edge[] = [];
  const ways = new Ways(explicit);
  const follow = (at: number, id: string) => {
    const all = owners.get(id);
    if (all === undefined) return;
    for (const { index } of all) {
      const [from, to] = looked[index]?.absent === true ? [at, index] : [index, at];
      if (from !== to && !ways.lead(to, from)) edges.push([from, to]);
    }
  };
  for (const [at, { after }] of looked.entries()) for (const id of after) follow(at, id);
  return edges;
}

/** Is there a way along explicit edges? They are few, so most questions end at once. */
class Ways {
  /** In which question each node was seen last. */
  readonly #seen: Uint32Array;
  readonly #open: number[] = [];
  #question = 0;

  constructor(readonly explicit: Successors) {
    this.#seen = new Uint32Array(explicit.length);
  }

  lead(start: number, goal: number): boolean {
    this.#question++;
    this.#open.length = 0;
    for (let node: number | undefined = start; node !== undefined; node = this.#open.pop()) {
      if (node === goal) return true;
      for (const to of this.explicit[node] ?? []) {
        if (this.#seen[to] === this.#question) continue;
        this.#seen[to] = this.#question;
        this.#open.push(to);
      }
    }
    return false;
  }
}
