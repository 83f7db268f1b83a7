/** The tasks of an enrolled agent, and the stream that they, queries and pushes come over. Loaded by the daemon alone, for the weight of the wire. */
import { paths } from "../home.ts";
import type { Member } from "../member.ts";
import { traits } from "../../../core/traits/index.ts";
import { Queries } from "../queries.ts";
import { StreamKeeper } from "./stream.ts";
import { Tasks } from "./tasks.ts";

export function openTasks(
  member: Member,
  stop: AbortSignal,
  checkNow: () => void,
): { readonly tasks: Tasks; readonly stream: StreamKeeper } {
  const { cache, log, context } = member;
  const now = () => member.now().getTime();
  const trust = () => ({
    envoyId: member.identity.about.envoy_id,
    keys: member.bundles.keys,
  });
  const tasks = new Tasks({ cache, folder: paths(context.home).tasks, log, now, trust });
  const queries = new Queries({
    traits,
    host: () => member.machine(),
    sections: () => member.traits.sections,
    hidden: member.hiddenTraits,
    hostname: () => member.identity.about.hostname,
    trust,
    log,
    now,
  });
  const link = () => member.link();
  return { tasks, stream: new StreamKeeper({ link, tasks, queries, checkNow, log, stop }) };
}
