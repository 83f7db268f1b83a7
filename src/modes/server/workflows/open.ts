/** The workflows of a server. Must not know how they are asked for. */
import type { Log } from "../../../core/log.ts";
import type { AskHealth } from "../tasks/health.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { Store } from "../store/store.ts";
import { decider, type SightDeps } from "./sight.ts";
import { Workflows } from "./workflows.ts";

interface Deps extends SightDeps {
  readonly store: Store;
  readonly tasks: Tasks;
  readonly ask: AskHealth;
  readonly log: Log;
}

export const openWorkflows = ({
  fleet,
  policy,
  store,
  tasks,
  ask,
  log,
}: Deps): Promise<Workflows> =>
  Workflows.open({
    store,
    tasks,
    decide: decider({ fleet, policy, store }),
    ask,
    push: () => {},
    log,
    now: Date.now,
  });
