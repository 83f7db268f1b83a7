/** What a server does now and then: write what check-ins told, forget old runs. Must not know requests. */
import type { Clock } from "./clock.ts";
import type { Fleet } from "./envoys/fleet.ts";
import type { ToldTraits } from "./envoys/told-traits.ts";
import { noteEveryMs } from "./policy/ticket-times.ts";
import { forgetOld } from "./retention.ts";
import type { Log } from "../../core/log.ts";
import type { Store } from "./store/store.ts";

interface ChoresOptions {
  readonly clock: Pick<Clock, "isBelieved" | "look" | "note">;
  readonly fleet: Fleet;
  readonly store: Store;
  readonly told: ToldTraits;
  readonly flushMs: number;
  readonly retentionMs: () => number;
  /** Forgets machines that were to come and go. */
  readonly forgetSilent: () => Promise<readonly string[]>;
  /** Looks whether the certificate is due for renewal. */
  readonly renew: () => Promise<void>;
  /** Tells the audit log what was published by others. */
  readonly chronicle: () => Promise<void>;
  /** Notes when tickets were issued. */
  readonly noteTickets: () => Promise<void>;
  /** Notes what agents know. */
  readonly noteKnowledge: () => Promise<void>;
  /** Notes who need not be pushed any more. */
  readonly notePushes: () => Promise<void>;
  /** Looks how what was published does. */
  readonly rollouts: () => Promise<void>;
  /** Ends what has no time left, begins what has its turn. */
  readonly tasks: () => Promise<void>;
  /** Carries runs of workflows on. */
  readonly workflows: () => Promise<void>;
  /** Looks for what people should be told … */
  readonly observe: () => Promise<void>;
  /** … and tells them. */
  readonly alert: () => Promise<void>;
  /** Signs the head of the audit log. */
  readonly signAudit: () => Promise<void>;
  /** Forgets alerts that are old enough; says how many. */
  readonly pruneAlerts: () => Promise<number>;
  /** Forgets sessions that have ended. */
  readonly pruneSessions: () => Promise<unknown>;
  /** Notes how the fleet stands, when it is time. */
  readonly noteTrend: () => Promise<void>;
  readonly log: Log;
}

const hour = 3_600_000;

/** Gives the way to stop, which waits for what is under way. */
export function chores({
  clock,
  fleet,
  store,
  told,
  flushMs,
  retentionMs,
  forgetSilent,
  renew,
  chronicle,
  noteTickets,
  noteKnowledge,
  notePushes,
  rollouts,
  tasks,
  workflows,
  observe,
  alert,
  signAudit,
  pruneAlerts,
  pruneSessions,
  noteTrend,
  log,
}: ChoresOptions) {
  const stops = [
    every(flushMs, "writing what check-ins told", log, () => fleet.flush(store, told)),
    // After a storm much is free that nobody has given back; this takes a millisecond, and waits for no collection.
    every(60_000, "giving memory back", log, async () => Bun.gc(false)),
    every(2_000, "looking at the clock", log, async () => clock.look()),
    every(hour, "noting that the clock is right", log, () => clock.note()),
    every(hour, "forgetting old runs", log, async () => {
      if (!clock.isBelieved) return;
      const { runs } = await forgetOld(store, Date.now() - retentionMs());
      if (runs > 0) log.info("old runs forgotten", { count: runs });
    }),
    every(60_000, "forgetting machines that went", log, async () => {
      if (!clock.isBelieved) return;
      const hostnames = await forgetSilent();
      if (hostnames.length > 0)
        log.info("forgotten after their silence", { hostnames: hostnames.join(" ") });
    }),
    every(2_000, "noting how the fleet stands", log, noteTrend),
    every(hour, "renewing the server certificate", log, renew),
    every(noteEveryMs, "noting when tickets were issued", log, noteTickets),
    every(60_000, "noting what agents know", log, noteKnowledge),
    every(5_000, "noting who is to be pushed", log, notePushes),
    every(1_000, "watching what was published", log, rollouts),
    every(1_000, "carrying out tasks", log, tasks),
    every(1_000, "carrying out workflows", log, workflows),
    every(2_000, "looking for what to alert of", log, observe),
    every(1_000, "sending alerts", log, alert),
    // What was cut off before it was signed would not be missed.
    every(1_000, "signing the head of the audit log", log, signAudit),
    every(hour, "forgetting old alerts", log, async () => {
      if (clock.isBelieved) await pruneAlerts();
    }),
    every(hour, "forgetting sessions", log, async () => void (await pruneSessions())),
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
