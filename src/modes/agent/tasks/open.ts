/** The tasks of an enrolled agent, and the stream that they come over. Loaded by the daemon alone, for the weight of the wire. */
import { trustedKeys } from "../identity.ts";
import { paths } from "../home.ts";
import type { Member } from "../member.ts";
import { StreamKeeper } from "./stream.ts";
import { Tasks } from "./tasks.ts";

export function openTasks(
  member: Member,
  stop: AbortSignal,
): { readonly tasks: Tasks; readonly stream: StreamKeeper } {
  const { cache, log, context } = member;
  const tasks = new Tasks({
    cache,
    folder: paths(context.home).tasks,
    log,
    now: () => member.now().getTime(),
    trust: () => ({
      envoyId: member.identity.about.envoy_id,
      keys: trustedKeys(member.identity),
    }),
  });
  return { tasks, stream: new StreamKeeper({ link: () => member.link(), tasks, log, stop }) };
}
