/** The endpoint that pushes envoys, handled. Must not know HTTP. */
import { pushEnvoys } from "../../../core/api/push.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import { envoysOf, type TargetDeps } from "../tasks/targets.ts";
import type { Push } from "./push.ts";

interface Deps extends TargetDeps {
  readonly store: Pick<Store, "audit" | "traits">;
  readonly push: Pick<Push, "push">;
  readonly now: () => number;
}

export const pushRoutes = [
  implement(pushEnvoys, async ({ body: { targets } }, deps: Deps, { name: actor }) => {
    const { store, fleet, push, now } = deps;
    const envoys = await envoysOf(deps, targets);
    const detail = { asked: targets, targets: envoys.length };
    const subject = targets.join(" ").slice(0, 200);
    await store.audit.append({ at: now(), actor, action: "envoy.push", subject, detail });
    return {
      envoys: envoys.map((envoy) => {
        const until = fleet.maintenanceUntil(envoy);
        return {
          envoy_id: envoy.id,
          hostname: envoy.row.hostname,
          told: push.push(envoy.id),
          ...(until === undefined ? {} : { maintenance_until: new Date(until).toISOString() }),
        };
      }),
    };
  }),
];
