/** Alerts and what finds them, put together from the parts of a running server. Must not know how either works. */
import { certificateFacts } from "../../../core/pki/certificate.ts";
import type { Log } from "../../../core/log.ts";
import type { Settings } from "../config/read.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { GrpcMetrics } from "../grpc/metrics.ts";
import { fleetFigures } from "../status/figures.ts";
import { Transitions } from "../status/transitions.ts";
import type { Store } from "../store/store.ts";
import { Alerts } from "./alerts.ts";
import type { Condition } from "./conditions.ts";
import { fleetConditions, fleetEvents } from "./fleet-conditions.ts";
import { Observer } from "./observer.ts";

interface Given {
  readonly store: Store;
  readonly fleet: Fleet;
  /** As they are now. */
  settings(): Settings;
  /** PEM by what it is of. */
  certificates(): Readonly<Record<string, string>>;
  /** Why what is published cannot be taken; undefined when it can. */
  policyFailure(): string | undefined;
  /** What is wrong with the server itself. */
  conditions(): readonly Condition[];
  readonly metrics: GrpcMetrics;
  /** Since when this server listens, and its clock has not jumped. */
  readonly heardSince: () => number;
  readonly log: Log;
}

/** What no honest agent sends. */
const hostile = ["bad_signature", "replayed", "wrong_envoy"] as const;

const isMaintained = (fleet: Fleet, envoy: Envoy): boolean =>
  fleet.maintenanceUntil(envoy) !== undefined;

export function openAlerts(given: Given) {
  const { store, fleet, settings, metrics, log } = given;
  const alerts = new Alerts({
    store,
    log,
    now: Date.now,
    places: () => {
      const { smtp, webhooks, alerts: said } = settings();
      return { smtp, webhooks, quietHours: said.quiet_hours };
    },
    sendMail: async (to, alert) =>
      (await import("./send.ts")).sendMail(to, alert, settings().hostname),
    sendWebhook: async (hook, alert, delivery) =>
      (await import("./send.ts")).sendWebhook(hook, alert, delivery, Date.now()),
  });
  const transitions = new Transitions();
  const observer = new Observer({
    store,
    standings: () => {
      const standings = [...fleet.list()]
        .filter((envoy) => envoy.row.revokedAt === undefined && !isMaintained(fleet, envoy))
        .map((envoy) => ({
          id: envoy.row.id,
          hostname: envoy.row.hostname,
          status: fleet.status(envoy),
        }));
      transitions.look(standings);
      return standings;
    },
    convergence: () => fleetFigures(fleet).convergence,
    threshold: () => settings().alerts.convergence_threshold,
    refusals: () => hostile.reduce((sum, reason) => sum + metrics.refused.of(reason), 0),
    certificates: () =>
      Object.entries(given.certificates()).map(([name, pem]) => ({
        name,
        endsAt: certificateFacts(pem).expiresAt,
      })),
    conditions: () => [...given.conditions(), ...fleetConditions(fleet, given.policyFailure())],
    happened: () => fleetEvents(fleet.takeEvents(), Date.now()),
    settledAt: () => given.heardSince() + 2.5 * settings().checkin.interval,
    now: Date.now,
    raise: (events, facts) => alerts.raise(events, facts),
  });
  return { alerts, observer, transitions };
}
