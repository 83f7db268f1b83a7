/** The fleet in a few numbers (docs/design/semantics.md §8). Must not know who asks. */
import { countsAsConverged, type Status, statuses } from "../../../core/status.ts";
import type { Fleet } from "../envoys/fleet.ts";

export interface FleetFigures {
  /** Envoys that are not revoked. */
  readonly byStatus: Readonly<Record<Status, number>>;
  readonly revoked: number;
  /** Converged ÷ neither revoked, offline nor in maintenance; undefined when there are none of these. */
  readonly convergence: number | undefined;
}

export function fleetFigures(fleet: Fleet): FleetFigures {
  const byStatus = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<
    Status,
    number
  >;
  let [revoked, converged, online] = [0, 0, 0];
  for (const envoy of fleet.list()) {
    if (envoy.row.revokedAt !== undefined) {
      revoked++;
      continue;
    }
    const status = fleet.status(envoy);
    byStatus[status]++;
    if (status === "offline" || fleet.maintenanceUntil(envoy) !== undefined) continue;
    online++;
    if (countsAsConverged(fleet.standing(envoy), status)) converged++;
  }
  return { byStatus, revoked, convergence: online === 0 ? undefined : converged / online };
}
