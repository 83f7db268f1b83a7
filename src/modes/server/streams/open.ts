/** What goes over the streams beside tasks. Must not know how they are served. */
import type { Fleet } from "../envoys/fleet.ts";
import type { Streams } from "../grpc/streams.ts";
import { Queries } from "../queries/queries.ts";
import type { MetaStore } from "../store/store.ts";
import type { Signing } from "../tasks/orders.ts";
import { Push } from "./push.ts";

export const besideTasks = async (
  streams: Streams,
  signing: Signing,
  fleet: Fleet,
  meta: MetaStore,
  now: () => number,
): Promise<{ readonly queries: Queries; readonly push: Push }> => ({
  queries: new Queries({ fleet, streams, signing }),
  push: await Push.open({ streams, meta, fleet, now }),
});
