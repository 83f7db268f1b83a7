/** The endpoints that push envoys, handled. Must not know HTTP. */
import { followPush, pushEnvoys } from "../../../core/api/push.ts";
import { parseDuration } from "../../../core/duration.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Envoy } from "../envoys/envoy.ts";
import { implementEvents } from "../http/events.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import { envoysOf, type TargetDeps } from "../tasks/targets.ts";
import { followed } from "./follow-push.ts";
import type { Push } from "./push.ts";

interface Deps extends TargetDeps {
  readonly store: Pick<Store, "audit" | "traits">;
  readonly push: Pick<Push, "push" | "toldAt" | "keep">;
  readonly now: () => number;
}

export const pushRoutes = [
  implement(pushEnvoys, async ({ body: { targets } }, deps: Deps, { name: actor }) => {
    const { fleet, push } = deps;
    const envoys = await meant(deps, targets, actor);
    const pushed = envoys.map((envoy) => {
      const until = fleet.maintenanceUntil(envoy);
      return {
        envoy_id: envoy.id,
        hostname: envoy.row.hostname,
        told: push.push(envoy.id),
        ...(until === undefined ? {} : { maintenance_until: new Date(until).toISOString() }),
      };
    });
    await push.keep();
    return { envoys: pushed };
  }),
  implementEvents(followPush, async ({ body }, deps: Deps, { name: actor }, gone) => {
    const waitMs = within(body.wait);
    const following = { ...deps, elapsed: () => performance.now(), gone };
    if (body.after === undefined)
      return followed(following, await meant(deps, body.targets, actor), waitMs);
    const after = new Map(Object.entries(body.after));
    const left = [...after.keys()].flatMap((id) => deps.fleet.get(id) ?? []);
    await noted(deps, { asked: body.targets, targets: left.length, again: true }, actor);
    return followed(following, left, waitMs, after);
  }),
];

async function meant(
  deps: Deps,
  targets: readonly string[],
  actor: string,
): Promise<readonly Envoy[]> {
  const envoys = await envoysOf(deps, targets);
  await noted(deps, { asked: targets, targets: envoys.length }, actor);
  return envoys;
}

async function noted(
  { store, now }: Deps,
  detail: { asked: readonly string[]; targets: number; again?: true },
  actor: string,
): Promise<void> {
  const subject = detail.asked.join(" ").slice(0, 200);
  await store.audit.append({ at: now(), actor, action: "envoy.push", subject, detail });
}

const longestMs = 3_600_000;

function within(written: string): number {
  const ms = parseDuration(written) ?? 0;
  if (ms >= 1_000 && ms <= longestMs) return ms;
  throw new VigoError("invalid", `wait: must be 1s to ${longestMs / 3_600_000}h, not ${written}`);
}
