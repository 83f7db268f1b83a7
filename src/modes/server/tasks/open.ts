/** The streams of a server, and the tasks that go over them. Must not know how they are served. */
import type { Log } from "../../../core/log.ts";
import type { Settings } from "../config/read.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { Streams } from "../grpc/streams.ts";
import type { Store } from "../store/store.ts";
import { askHealth } from "./ask-health.ts";
import type { AskHealth } from "./health.ts";
import type { Signing } from "./orders.ts";
import { Tasks } from "./tasks.ts";

export async function openTasks(
  { store, bundleKey }: { readonly store: Store; readonly bundleKey: Signing },
  fleet: Fleet,
  live: { readonly settings: Pick<Settings, "checkin" | "publish"> },
  log: Log,
): Promise<{ readonly streams: Streams; readonly tasks: Tasks; readonly ask: AskHealth }> {
  const streams = new Streams({ fleet, always: live.settings.checkin.stream === "always" });
  const ask = askHealth(() => live.settings.publish.url_allow);
  const parts = { store, fleet, streams, signing: bundleKey, log };
  const tasks = await Tasks.open({ ...parts, askHealth: ask });
  return { streams, tasks, ask };
}
