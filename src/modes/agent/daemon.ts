/**
 * The agent for good: checks in on its own timer, enforces on another, and neither waits for the other (docs/design/semantics.md
 * §5). What is in force is enforced whatever the server does. Must not know how a check-in or a run is done.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunReport } from "../../core/converge/report.ts";
import { VigoError } from "../../core/errors.ts";
import { backoff, firstDelay, spread } from "./backoff.ts";
import { checkIn, flush } from "./check-in.ts";
import type { AgentContext } from "./command.ts";
import { type Answerer, serveControl } from "./control.ts";
import { enrolIfDeferred } from "./first-start.ts";
import { paths } from "./home.ts";
import { logRun } from "./log-run.ts";
import { Member, type RunWish } from "./member.ts";
import { pauseUntil } from "./pause.ts";
import { Push } from "./push.ts";
import { Queue } from "./queue.ts";
import { takeLock } from "./run-lock.ts";
import type { StreamKeeper } from "./tasks/stream.ts";
import { Watch } from "./watch.ts";

/** A run does not wait longer for a server that does not answer. */
const secretsPatienceMs = 5_000;
/** A trait that takes longer does not hold a check-in up: it is told with the next. */
const traitPatienceMs = 5_000;
/** Until the server has said otherwise. */
const defaultIntervalMs = 300_000;

/** How long the resource under way may take to end by itself when the agent is to stop … */
const patienceMs = 10_000;
/** … and how long after its command was told to. */
const lastMs = 8_000;

/** Runs until the signal; then ends what it has begun. False: something was still under way when it had to go. */
export async function daemon(context: AgentContext, stop: AbortSignal): Promise<boolean> {
  const lock = takeLock(paths(context.home).lock);
  try {
    await enrolIfDeferred(context, stop);
    if (stop.aborted) return true;
    const member = await Member.open(context);
    const agent = new Daemon(member, stop);
    try {
      return await agent.run();
    } finally {
      await member.close();
    }
  } finally {
    lock.release();
  }
}

class Daemon {
  readonly #member: Member;
  readonly #stop: AbortSignal;
  readonly #queue: Queue<RunReport | undefined>;
  /** Stops what did not end by itself. */
  readonly #kill = new AbortController();
  readonly #hurry = new EventTarget();
  #intervalMs: number;
  /** What went wrong last, so that an outage is said once and its end too. */
  #trouble: string | undefined;
  #isPaused = false;
  readonly #watch: Watch | undefined;
  #stream: StreamKeeper | undefined;
  readonly #push: Push;

  constructor(member: Member, stop: AbortSignal) {
    this.#member = member;
    this.#stop = stop;
    this.#intervalMs = member.cache.get("contact")?.intervalMs ?? defaultIntervalMs;
    this.#queue = new Queue(() => this.#scheduledRun());
    this.#push = new Push(() => this.#hurry.dispatchEvent(new Event("push")));
    if (member.context.settings.watch)
      this.#watch = new Watch({
        log: member.log,
        touched: () => this.#askForRun("touched"),
        mostMs: this.#intervalMs,
      });
  }

  async run(): Promise<boolean> {
    const { log, identity, context } = this.#member;
    const control = await serveControl(paths(context.home).control, (...asked) =>
      this.#answer(...asked),
    );
    const { envoy_id: envoy, hostname, servers } = identity.about;
    log.info("agent ready", { envoy, hostname, server: servers.join(" "), home: context.home });
    const hangUp = () => this.#askForRun("SIGHUP");
    process.on("SIGHUP", hangUp);
    const { openTasks } = await import("./tasks/open.ts");
    const { tasks, stream } = openTasks(this.#member, this.#stop, () => this.#push.ask());
    this.#stream = stream;
    try {
      await Promise.all([this.#checkInLoop(), this.#runLoop(), stream.run()]);
      await tasks.close();
      return await this.#end();
    } finally {
      process.off("SIGHUP", hangUp);
      this.#watch?.close();
      await control.close();
    }
  }

  /** The run under way ends with its present resource; what it has to tell is told if the server is there. */
  async #end(): Promise<boolean> {
    const { log } = this.#member;
    log.info("agent stops");
    let ended = await this.#isIdle(patienceMs);
    if (!ended) {
      log.warn("a command is still under way and is stopped");
      this.#kill.abort();
      ended = await this.#isIdle(lastMs);
    }
    if (ended) await this.#tell();
    else log.warn("a resource is still under way and is left to itself");
    return ended;
  }

  async #isIdle(ms: number): Promise<boolean> {
    const late = new AbortController();
    const idle = this.#queue.idle().then(() => true);
    try {
      return await Promise.race([idle, sleep(ms, false, { signal: late.signal })]);
    } finally {
      late.abort();
    }
  }

  async #checkInLoop(): Promise<void> {
    const { bundles } = this.#member;
    let failures = 0;
    let pushed: ReturnType<Push["take"]>;
    let delay = bundles.isEmpty ? 0 : firstDelay(this.#intervalMs, Math.random());
    for (;;) {
      if (!this.#push.isAsked) await this.#wait(delay, "push");
      await this.#wait(this.#push.restMs);
      if (this.#stop.aborted) return;
      try {
        pushed = this.#push.take() ?? pushed;
        delay = await this.#checkIn();
        failures = 0;
        if (pushed === "run") this.#askForRun("push", () => this.#push.report());
        pushed = undefined;
      } catch (error) {
        if (!(error instanceof VigoError)) throw error;
        failures++;
        delay = backoff(error, failures, this.#intervalMs, Math.random());
        this.#say(error, delay);
      }
    }
  }

  /** Gives the time to the next one. */
  async #checkIn(): Promise<number> {
    const member = this.#member;
    await member.traits.refresh(member.machine(this.#kill.signal), traitPatienceMs);
    const answered = await member.reach((link) => checkIn(link, member));
    const { nextMs, splay, isNew, openStream, renewNow } = answered;
    this.#recovered();
    this.#stream?.wish(openStream);
    if (nextMs > 0 && nextMs !== this.#intervalMs) {
      this.#intervalMs = nextMs;
      this.#hurry.dispatchEvent(new Event("interval"));
    }
    if (isNew) this.#askForRun("new bundle");
    await flush(await member.link(), member);
    await member.renewCertificate(renewNow);
    return spread(this.#intervalMs, Math.random(), splay);
  }

  #say(error: VigoError, delay: number): void {
    if (this.#trouble === error.message) return;
    this.#trouble = error.message;
    this.#member.log.warn("check-in failed", {
      reason: error.message,
      hint: error.hint,
      again_in_s: Math.round(delay / 1000),
    });
  }

  #recovered(): void {
    if (this.#trouble !== undefined) this.#member.log.info("the server is reached again");
    this.#trouble = undefined;
  }

  /** Once at the start, then every interval, whatever becomes of check-ins. */
  async #runLoop(): Promise<void> {
    if (!this.#member.bundles.isEmpty) this.#askForRun("start");
    while (!this.#stop.aborted) {
      const isOver = await this.#wait(this.#intervalMs, "interval");
      if (isOver && !this.#stop.aborted) this.#askForRun("interval");
    }
  }

  /** A bug in a run is said and costs that run. */
  #askForRun(trigger: string, ended = () => {}): void {
    const { log } = this.#member;
    this.#queue.trigger().then(ended, (error: unknown) => {
      const stack = error instanceof Error ? error.stack : String(error);
      log.error("run failed", {
        trigger,
        reason: error instanceof VigoError ? error.message : stack,
      });
    });
  }

  async #scheduledRun(): Promise<RunReport | undefined> {
    const member = this.#member;
    if (this.#stop.aborted || member.bundles.isEmpty) return undefined;
    const until = (await pauseUntil(member.context.home, member.now())) ?? member.maintenanceUntil;
    if (until !== undefined) {
      if (!this.#isPaused) member.log.warn("paused", { until: until.toISOString() });
      this.#isPaused = true;
      return undefined;
    }
    this.#isPaused = false;
    // A process that has just begun knows no secrets: it asks once before it calls them out of reach.
    if (member.lacksSecrets)
      await Promise.race([this.#checkInFor(), this.#wait(secretsPatienceMs)]);
    return this.#oneRun({});
  }

  async #oneRun(wish: RunWish): Promise<RunReport> {
    const report = await this.#member.run({
      ...wish,
      signal: this.#stop,
      kill: this.#kill.signal,
    });
    logRun(this.#member.log, report);
    const { inForce } = this.#member.bundles;
    if (wish.dryRun !== true && inForce !== undefined) this.#watch?.ran(inForce.body, report);
    if (wish.dryRun !== true && report.outcome !== "ok") void this.#tell();
    return report;
  }

  /**
   * Now rather than with the next check-in. While check-ins fail the outbox has it until one succeeds: the server is away, or
   * this machine is told to wait and tells nothing in another's name.
   */
  async #tell(): Promise<void> {
    if (this.#trouble !== undefined) return;
    try {
      if (this.#member.ledger.waiting > 0) await flush(await this.#member.link(), this.#member);
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      this.#say(error, this.#intervalMs);
    }
  }

  /** `vigo agent run` beside a daemon: the same three steps, in the daemon. */
  async #answer(...[asked, onResource, onTrouble]: Parameters<Answerer>) {
    const { only, skip, dry_run: dryRun, offline } = asked;
    const filter = only.length + skip.length > 0 ? { filter: { only, skip } } : {};
    return this.#queue.add(async () => {
      const trouble = offline ? undefined : await this.#checkInFor();
      if (trouble !== undefined) onTrouble(trouble);
      const report = await this.#oneRun({ dryRun, onResource, ...filter });
      if (!offline && !dryRun) await this.#tell();
      return report;
    });
  }

  /** Gives what went wrong, where there is something to be enforced all the same. */
  async #checkInFor(): Promise<VigoError | undefined> {
    const member = this.#member;
    try {
      await member.traits.refresh(member.machine(this.#kill.signal), traitPatienceMs);
      await member.reach((link) => checkIn(link, member));
      this.#recovered();
      return undefined;
    } catch (error) {
      if (!(error instanceof VigoError) || member.bundles.isEmpty) throw error;
      this.#say(error, this.#intervalMs);
      return error;
    }
  }

  /** False when it was cut short by the event. Ends early, too, when the agent is to stop. */
  async #wait(ms: number, event?: string): Promise<boolean> {
    if (this.#stop.aborted) return true;
    const cut = new AbortController();
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), ms);
    const signal = AbortSignal.any([cut.signal, this.#stop, timer.signal]);
    const onEvent = () => cut.abort();
    if (event !== undefined) this.#hurry.addEventListener(event, onEvent, { once: true });
    if (!signal.aborted) await once(signal, "abort");
    clearTimeout(timeout);
    if (event !== undefined) this.#hurry.removeEventListener(event, onEvent);
    return !cut.signal.aborted;
  }
}
