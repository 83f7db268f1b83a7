/** What a server does now and then: write what check-ins told, forget old runs. Must not know requests. */
import type { Fleet } from "./envoys/fleet.ts";
import type { Log } from "../../core/log.ts";
import type { Store } from "./store/store.ts";

interface ChoresOptions {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly flushMs: number;
  readonly retentionMs: number;
  /** Looks whether the certificate is due for renewal. */
  readonly renew: () => Promise<void>;
  /** Tells the audit log what was published by others. */
  readonly chronicle: () => Promise<void>;
  /** Looks how what was published does. */
  readonly rollouts: () => Promise<void>;
  /** Looks for what people should be told … */
  readonly observe: () => Promise<void>;
  /** … and tells them. */
  readonly alert: () => Promise<void>;
  /** Forgets alerts that are old enough; says how many. */
  readonly pruneAlerts: () => Promise<number>;
  readonly log: Log;
}

const hour = 3_600_000;

/** Gives the way to stop, which waits for what is under way. */
export function chores({
  fleet,
  store,
  flushMs,
  retentionMs,
  renew,
  chronicle,
  rollouts,
  observe,
  alert,
  pruneAlerts,
  log,
}: ChoresOptions) {
  const stops = [
    every(flushMs, "writing what check-ins told", log, () => fleet.flush(store)),
    every(hour, "forgetting old runs", log, async () => {
      const forgotten = await store.runs.prune(Date.now() - retentionMs);
      if (forgotten > 0) log.info("old runs forgotten", { count: forgotten });
    }),
    every(hour, "renewing the server certificate", log, renew),
    every(1_000, "watching what was published", log, rollouts),
    every(2_000, "looking for what to alert of", log, observe),
    every(1_000, "sending alerts", log, alert),
    every(hour, "forgetting old alerts", log, async () => void (await pruneAlerts())),
    every(5_000, "telling what was published", log, chronicle),
  ];
  return () => Promise.all(stops.map((stop) => stop()));
}

/** Never two at once; what goes wrong is said when it begins and when it is over, not each time. */
function every(ms: number, what: string, log: Log, work: () => Promise<void>) {
  let failing = false;
  let running: Promise<void> | undefined;
  const once = async () => {
    try {
      await work();
      if (failing) log.info(`${what} works again`);
      failing = false;
    } catch (caught) {
      if (!failing) log.error(`${what} failed`, { error: String(caught) });
      failing = true;
    }
    running = undefined;
  };
  const timer = setInterval(() => {
    running ??= once();
  }, ms);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
