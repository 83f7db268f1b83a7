/** The workflows of a server. Must not know how they are asked for. */
import type { Log } from "../../../core/log.ts";
import type { Clock } from "../clock.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Store } from "../store/store.ts";
import type { Push } from "../streams/push.ts";
import type { AskHealth } from "../tasks/health.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { Publications } from "./publication.ts";
import { asker, type FreshDeps } from "./fresh.ts";
import { decider, type SightDeps } from "./sight.ts";
import { Workflows } from "./workflows.ts";

interface Deps extends SightDeps {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly tasks: Tasks;
  readonly push: Push;
  readonly queries: FreshDeps["queries"];
  readonly ask: AskHealth;
  readonly publications: Publications;
  readonly log: Log;
  readonly clock: Clock;
}

export function openWorkflows(deps: Deps): Promise<Workflows> {
  const { fleet, policy, store, tasks, push, queries, ask, publications, log, clock } = deps;
  return Workflows.open({
    store,
    tasks,
    decide: decider({ fleet, policy, store }),
    askThem: asker({ fleet, policy, queries }),
    ask,
    publications,
    pushes: {
      push: (id) => push.push(id),
      lastRun: (id) => fleet.get(id)?.lastRun,
      held: (id) => {
        const envoy = fleet.get(id);
        const until = envoy && fleet.maintenanceUntil(envoy);
        return until === undefined ? undefined : "it is in maintenance";
      },
    },
    log,
    now: clock.now,
    onLeap: clock.onLeap.bind(clock),
  });
}
