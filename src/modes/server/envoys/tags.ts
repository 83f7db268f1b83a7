/** The endpoints about tags, handled. Must not know HTTP. */
import { listTags, tagEnvoys } from "../../../core/api/tags.ts";
import { VigoError } from "../../../core/errors.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import { envoysOf, type TargetDeps } from "../tasks/targets.ts";

interface Deps extends TargetDeps {
  readonly store: Pick<Store, "envoys" | "traits">;
  readonly now: () => number;
}

const mostTags = 32;

export const tagRoutes = [
  implement(listTags, async (_, { fleet }: Pick<Deps, "fleet">) => {
    const counts = new Map<string, number>();
    for (const { row } of fleet.list())
      if (row.revokedAt === undefined)
        for (const tag of row.tags ?? []) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return { tags: sorted.map(([tag, envoys]) => ({ tag, envoys })) };
  }),
  implement(tagEnvoys, async ({ body }, deps: Deps, { name: actor }) => {
    const { targets, set, unset } = body;
    if (set.length + unset.length === 0)
      throw new VigoError("invalid", "body: neither set nor unset names a tag");
    const { store, fleet, now } = deps;
    const envoys = await envoysOf(deps, targets);
    const changes = envoys.map(({ id, row }) => ({
      id,
      hostname: row.hostname,
      tags: changed(row.hostname, row.tags ?? [], set, unset),
    }));
    const subject = targets.join(" ").slice(0, 200);
    const detail = { asked: targets, targets: envoys.length, set, unset };
    await store.envoys.tag(changes, { at: now(), actor, action: "envoy.tag", subject, detail });
    for (const { id, tags } of changes) fleet.tag(id, tags);
    return {
      envoys: changes.map(({ id, hostname, tags }) => ({ envoy_id: id, hostname, tags })),
    };
  }),
];

function changed(
  hostname: string,
  tags: readonly string[],
  set: readonly string[],
  unset: readonly string[],
): string[] {
  const kept = new Set([...tags, ...set]);
  for (const tag of unset) kept.delete(tag);
  if (kept.size <= mostTags) return [...kept].sort();
  throw new VigoError(
    "limited",
    `${hostname} would have ${kept.size} tags, of at most ${mostTags}`,
    {
      hint: "a fact of the machine is better told by a trait: docs/custom-traits.md",
    },
  );
}
