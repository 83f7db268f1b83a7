/** The endpoint about the maintenance of several envoys, handled. Must not know HTTP. */
import { maintainEnvoys } from "../../../core/api/maintenance.ts";
import { VigoError } from "../../../core/errors.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import { envoysOf, type TargetDeps } from "../tasks/targets.ts";
import { endOf, maintain } from "./acts.ts";

interface Deps extends TargetDeps {
  readonly store: Store;
}

export const maintenanceRoutes = [
  implement(maintainEnvoys, async ({ body }, deps: Deps, { name: actor }) => {
    const { targets, off, ...wish } = body;
    if (off && (wish.for !== undefined || wish.until !== undefined))
      throw new VigoError("invalid", "body: either off or a time");
    const until = off ? undefined : endOf(wish, deps.fleet.now());
    const envoys = await envoysOf(deps, targets);
    // Each has an entry of its own in the audit log; killed in between, those that are left are as they were.
    for (const envoy of envoys) await maintain(deps, envoy, until, actor);
    const told = until === undefined ? {} : { maintenance_until: new Date(until).toISOString() };
    return {
      envoys: envoys.map(({ id, row }) => ({ envoy_id: id, hostname: row.hostname, ...told })),
    };
  }),
];
