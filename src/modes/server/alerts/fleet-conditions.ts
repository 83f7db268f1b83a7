/** What is wrong with envoys for as long as it lasts, other than how they run. Must not know who is told. */
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet, FleetEvent } from "../envoys/fleet.ts";
import type { Condition } from "./conditions.ts";
import type { AlertEvent } from "./event.ts";

export function fleetConditions(
  fleet: Pick<Fleet, "list" | "maintenanceUntil">,
  policyFailure: string | undefined,
): readonly Condition[] {
  const active = [...fleet.list()].filter(
    (envoy) => envoy.row.revokedAt === undefined && fleet.maintenanceUntil(envoy) === undefined,
  );
  return [...broken(policyFailure), ...unresolved(active), ...renamed(active)];
}

const broken = (failure: string | undefined): readonly Condition[] =>
  failure === undefined
    ? []
    : [
        {
          kind: "policy.unresolved",
          subject: "fleet",
          title: `what is published cannot be taken: ${failure}`,
          detail: {},
          about: `policy ${failure.replaceAll("\n", " ")}`,
        },
      ];

/** One mistake may keep many from their policy: it is told once. */
function unresolved(active: readonly Envoy[]): readonly Condition[] {
  const by = new Map<
    string,
    { readonly hostname: string; readonly message: string; count: number }
  >();
  for (const { row, problems } of active) {
    const [first] = problems;
    if (first === undefined) continue;
    const place = `${first.file}:${first.line} ${first.code}`;
    const before = by.get(place);
    if (before === undefined)
      by.set(place, { hostname: row.hostname, message: first.message, count: 1 });
    else before.count++;
  }
  return [...by].map(([place, { hostname, message, count }]) => ({
    kind: "policy.unresolved",
    subject: hostname,
    title: `${count === 1 ? hostname : `${count} envoys`} cannot have what is published: ${place}: ${message}`,
    detail: { envoys: count },
    about: `policy ${place}`,
  }));
}

/** The name that policy matches is the enrolled one; another that is reported is a mistake, or a lie. */
const renamed = (active: readonly Envoy[]): readonly Condition[] =>
  active
    .filter(
      ({ reportedHostname, row }) =>
        reportedHostname !== "" && reportedHostname.toLowerCase() !== row.hostname,
    )
    .map(({ id, row, reportedHostname }) => ({
      kind: "envoy.hostname",
      subject: row.hostname,
      title: `${row.hostname} calls itself ${reportedHostname}`,
      detail: { reported: reportedHostname },
      about: `hostname ${id}`,
    }));

const storyOf = {
  "envoy.cloned": "two machines show the identity of",
  "envoy.moved": "another machine goes on with the identity of",
} as const;

export const fleetEvents = (events: readonly FleetEvent[], at: number): readonly AlertEvent[] =>
  events.map(({ kind, envoyId, hostname, machine }) => ({
    kind,
    at,
    subject: hostname,
    title: `${storyOf[kind]} ${hostname}`,
    detail: { machine_id: machine.machineId },
    about: `${kind} ${envoyId}`,
  }));
