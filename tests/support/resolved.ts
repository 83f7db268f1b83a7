/** Resources as resolve hands them to the graph, from a short notation. Must not know any type. */
import type { Place, ResolvedResource } from "../../src/core/policy/model.ts";

export interface Wish {
  readonly type?: string;
  readonly params?: ResolvedResource["params"];
  readonly needs?: readonly string[];
  readonly notifies?: readonly string[];
  readonly noop?: true;
}

/** Each at a line of its own, edges one column on. */
export function resolved(wishes: Readonly<Record<string, Wish>>): readonly ResolvedResource[] {
  return Object.entries(wishes).map(([key, wish], index) => {
    const place: Place = { file: "a.vgo", line: index + 1, column: 1 };
    const edges = (keys: readonly string[] = []) =>
      keys.map((to) => ({ key: to, place: { ...place, column: 2 } }));
    return {
      key,
      type: wish.type ?? "thing",
      params: wish.params ?? {},
      needs: edges(wish.needs),
      notifies: edges(wish.notifies),
      ...(wish.noop ? { noop: true } : {}),
      place,
    };
  });
}
