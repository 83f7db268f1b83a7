/** The streams of a server, and the tasks that go over them. Must not know how they are served. */
import type { Log } from "../../../core/log.ts";
import type { Clock } from "../clock.ts";
import type { Settings } from "../config/read.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { Streams } from "../grpc/streams.ts";
import type { Store } from "../store/store.ts";
import type { ActiveTask } from "./active.ts";
import { askHealth } from "./ask-health.ts";
import type { AskHealth } from "./health.ts";
import type { Signing } from "./orders.ts";
import { workflowOf } from "./part-of.ts";
import { Tasks } from "./tasks.ts";

export async function openTasks(
  { store, bundleKey }: { readonly store: Store; readonly bundleKey: Signing },
  fleet: Fleet,
  live: { readonly settings: Pick<Settings, "checkin" | "publish"> },
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Promise<{ readonly streams: Streams; readonly tasks: Tasks; readonly ask: AskHealth }> {
  const streams = new Streams({ fleet, always: live.settings.checkin.stream === "always" });
  const ask = askHealth(() => live.settings.publish.url_allow);
  const onLeap = clock.onLeap.bind(clock);
  const parts = { store, fleet, streams, signing: bundleKey, log, now: clock.now, onLeap };
  const over = (task: ActiveTask) => void noteEnd(store, task, log);
  const tasks = await Tasks.open({ ...parts, askHealth: ask, over });
  return { streams, tasks, ask };
}

/** In the audit log, as its begin is; what people are told of it comes from there. */
async function noteEnd({ audit }: Pick<Store, "audit">, task: ActiveTask, log: Log): Promise<void> {
  const { id, state, command, checkOf } = task.row;
  const workflow = workflowOf(task.row);
  const detail = {
    state,
    command: command.slice(0, 200),
    ...(workflow === undefined ? {} : { workflow }),
    ...(checkOf === undefined ? {} : { check_of: checkOf }),
    ...task.counts(),
  };
  try {
    await audit.append({
      at: Date.now(),
      actor: "server",
      action: "task.end",
      subject: id,
      detail,
    });
  } catch (caught) {
    log.error("the end of a task is not in the audit log", { task: id, error: String(caught) });
  }
}
