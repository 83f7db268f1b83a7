/** The parts of a server that act on the fleet: what is published and watched, streams and what goes over them, workflows. Must not know ports. */
import { resources } from "../../core/resources/index.ts";
import { traits } from "../../core/traits/index.ts";
import { type Parts, twoCalls } from "./parts.ts";
import { Publishing } from "./policy/publishing.ts";
import { Rollouts } from "./policy/rollouts.ts";
import { web } from "./policy/web.ts";
import { besideTasks } from "./streams/open.ts";
import { openTasks } from "./tasks/open.ts";
import { openWorkflows } from "./workflows/open.ts";
import { publications } from "./workflows/publications.ts";

type Acting = Pick<
  Parts,
  "publishing" | "rollouts" | "streams" | "queries" | "push" | "tasks" | "workflows"
>;

/** What an earlier process has left goes on when it resolves. */
export async function openActing(made: Omit<Parts, keyof Acting | "rotation">): Promise<Acting> {
  const { prepared, fleet, policy, live, home, log, clock } = made;
  const { store } = prepared;
  const { streams, tasks, ask } = await openTasks(prepared, fleet, live, made);
  const beside = await besideTasks(streams, prepared.bundleKey, fleet, store.meta, clock.now);
  clock.onLeap((by) => beside.push.leapt(by));
  const rollouts = await openRollouts(made);
  const publishing = publishingOf(made);
  const own = publications({ home, publishing, store, policy });
  const acted = { fleet, policy, store, tasks, ...beside, ask, publications: own, log, clock };
  return { publishing, rollouts, streams, tasks, ...beside, workflows: await openWorkflows(acted) };
}

/** What is live is being watched when it resolves. */
async function openRollouts({
  home,
  live,
  prepared,
  fleet,
  policy,
  chronicle,
  log,
  clock,
}: Pick<
  Parts,
  "home" | "live" | "prepared" | "fleet" | "policy" | "chronicle" | "log" | "clock"
>): Promise<Rollouts> {
  const rollouts = new Rollouts({
    home: home.folder,
    get keep() {
      return live.settings.publish.keep;
    },
    fleet,
    policy,
    chronicle,
    store: prepared.store,
    get rules() {
      const { publish, checkin } = live.settings;
      const watchMs = twoCalls(checkin);
      return { threshold: publish.rollback_threshold, watchMs, settleMs: watchMs };
    },
    log,
    isClockBelieved: () => clock.isBelieved,
  });
  await rollouts.begin();
  return rollouts;
}

/** Everything that publishing on this server takes. */
const publishingOf = ({
  home,
  live,
  prepared,
  fleet,
  policy,
  chronicle,
  secrets,
  works,
}: Pick<
  Parts,
  "home" | "live" | "prepared" | "fleet" | "policy" | "chronicle" | "secrets" | "works"
>): Publishing =>
  new Publishing({
    home: home.folder,
    registries: {
      resources,
      traits,
      // Those that are there when a tree is looked at.
      get secrets() {
        return secrets.names;
      },
    },
    get settings() {
      return live.settings.publish;
    },
    web,
    policy,
    fleet,
    store: prepared.store,
    chronicle,
    works,
  });
