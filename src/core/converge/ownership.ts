/** What the resources of one run own, for types that must leave alone what others manage (`Host.owned`). Must not know types. */
import type { Ready } from "./ready.ts";

/** Reads the claims when first asked: most runs never ask. */
export function ownership(all: () => readonly Ready[]) {
  let ids: ReadonlySet<string> | undefined;
  const claimed = () => {
    ids ??= new Set(
      all().flatMap((one) => (one.kind === "ready" ? one.claims.map(({ id }) => id) : [])),
    );
    return ids;
  };
  return (id: string, inside = false): boolean =>
    claimed().has(id) || (inside && [...claimed()].some((one) => one.startsWith(`${id}/`)));
}
