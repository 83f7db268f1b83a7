/** What a resource comes after, through others too. Must not know what ends how. */
import type { BodyResource } from "../bundle/body.ts";

export type Edges = Pick<BodyResource, "needs" | "notifies">;

export class Awaited {
  readonly #resources: readonly Edges[];
  #before: readonly (readonly number[])[] | undefined;

  constructor(resources: readonly Edges[]) {
    this.#resources = resources;
  }

  /** One of those that it comes after, for which this holds. */
  find(index: number, holds: (index: number) => boolean): number | undefined {
    this.#before ??= edgesBack(this.#resources);
    const seen = new Set<number>();
    const left = [index];
    for (let at = left.pop(); at !== undefined; at = left.pop())
      for (const before of this.#before[at] ?? []) {
        if (seen.has(before)) continue;
        if (holds(before)) return before;
        seen.add(before);
        left.push(before);
      }
    return undefined;
  }
}

function edgesBack(resources: readonly Edges[]): readonly (readonly number[])[] {
  const before = resources.map(({ needs = [] }) => [...needs]);
  for (const [index, { notifies = [] }] of resources.entries())
    for (const target of notifies) before[target]?.push(index);
  return before;
}
