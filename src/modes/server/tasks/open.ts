/** The streams of a server, and the tasks that go over them. Must not know how they are served. */
import type { Log } from "../../../core/log.ts";
import type { Settings } from "../config/read.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { Streams } from "../grpc/streams.ts";
import type { Store } from "../store/store.ts";
import type { Signing } from "./orders.ts";
import { Tasks } from "./tasks.ts";

export async function openTasks(
  { store, bundleKey }: { readonly store: Store; readonly bundleKey: Signing },
  fleet: Fleet,
  { checkin }: Pick<Settings, "checkin">,
  log: Log,
): Promise<{ readonly streams: Streams; readonly tasks: Tasks }> {
  const streams = new Streams({ fleet, always: checkin.stream === "always" });
  const tasks = await Tasks.open({ store, fleet, streams, signing: bundleKey, log });
  return { streams, tasks };
}
