/**
 * Watches what was published and acts: widens a version that is published in stages, takes back one that makes the fleet worse
 * (semantics §7). How far it is lies in the store, so that a server that was killed goes on. Must not know requests.
 */
import { readFileSync } from "node:fs";
import files from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { holderOfThisProcess } from "../../../core/publish/holder.ts";
import type { Manifest } from "../../../core/publish/live.ts";
import { publishTree } from "../../../core/publish/publish.ts";
import { formerOf, restoring } from "../../../core/publish/rollback.ts";
import { finish } from "../../../core/publish/spreading.ts";
import { Cohorts, partOf } from "../../../core/rollout/cohort.ts";
import {
  advance,
  begin,
  type Decision,
  type Rollout,
  rolloutState,
  type Rules,
} from "../../../core/rollout/rollout.ts";
import type { Tally } from "../../../core/rollout/tally.ts";
import type { AuditEntry } from "../store/store.ts";
import type { Chronicle } from "./chronicle.ts";
import type { LivePolicy, Progress } from "./live.ts";
import { Observer, type ObserverDeps } from "./observer.ts";

export interface RolloutsOptions extends ObserverDeps {
  readonly home: string;
  /** `publish.keep` */
  readonly keep: number;
  readonly policy: LivePolicy;
  readonly chronicle: Chronicle;
  readonly rules: Rules;
  readonly log: Log;
  readonly now?: () => number;
  /** False: who is silent may have been refused for the clock of this server, not for what was published. */
  readonly isClockBelieved?: () => boolean;
}

/** A version that is watched, or was. */
interface Watched {
  readonly manifest: Manifest;
  readonly observer: Observer;
  /** Of a version that is published in stages. */
  readonly cohorts: Cohorts | undefined;
  rollout: Rollout;
}

/** So often it is kept that somebody watches, though nothing happens. */
const keepEveryMs = 10_000;
const holder = holderOfThisProcess((path) => readFileSync(path, "utf8"));

/** For `LivePolicy`: it has to know before anything is watched. */
export const progressIn =
  ({ rollouts }: ObserverDeps["store"]) =>
  async (version: number): Promise<Progress> => {
    const row = await rollouts.find(version);
    if (row === undefined) return { stage: 0, ended: false };
    const { stage, end } = rolloutState.parse(row.state);
    return { stage, ended: end !== undefined };
  };

export class Rollouts {
  readonly #options: RolloutsOptions;
  readonly #now: () => number;
  #version = 0;
  #watched: Watched | undefined;
  #keptAt = 0;

  constructor(options: RolloutsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Takes up what is live, and from then on each version before an envoy gets it, lest what it does is taken for old. */
  async begin(): Promise<void> {
    await this.#load(this.#options.policy.edition?.manifest);
    this.#options.policy.beforeTaking(async (manifest) => {
      try {
        await this.#load(manifest);
      } catch (caught) {
        if (!(caught instanceof VigoError)) throw caught;
        // It is in force all the same, and taken up with the next look.
        this.#options.log.error("not watched yet", { error: caught.message });
      }
    });
  }

  async #load(manifest: Manifest | undefined): Promise<void> {
    // While a newer one is being taken, the one before is still in force.
    if (manifest === undefined || manifest.version <= this.#version) return;
    this.#watched = await this.#take(manifest);
    this.#version = manifest.version;
  }

  /** One look at the fleet, and what follows from it. */
  async tick(): Promise<void> {
    const { policy } = this.#options;
    await this.#load(policy.edition?.manifest);
    const watched = this.#inForce;
    if (watched === undefined || watched.rollout.end !== undefined) return;
    await watched.observer.look();
    const now = this.#now();
    const before = watched.rollout;
    const tally = this.#tally(watched);
    const { isClockBelieved = () => true, rules } = this.#options;
    if (tally.online === 0 && !isClockBelieved()) return;
    const next = advance(before, tally, rules, now);
    await this.#act(watched, next.rollout, next.decision);
  }

  /** The version in force and what is known of it; undefined when it is not watched. */
  get shown(): { readonly rollout: Rollout; readonly tally: Tally } | undefined {
    const watched = this.#inForce;
    return watched && { rollout: watched.rollout, tally: this.#tally(watched) };
  }

  get #inForce(): Watched | undefined {
    const version = this.#options.policy.edition?.manifest.version;
    return this.#watched?.manifest.version === version ? this.#watched : undefined;
  }

  async #take(manifest: Manifest): Promise<Watched | undefined> {
    const { store } = this.#options;
    const { version, rollout: plan } = manifest;
    const publishedAt = Date.parse(manifest.published_at);
    const cohorts = plan && new Cohorts(plan);
    const row = await store.rollouts.find(version);
    if (row !== undefined) {
      const observer = await Observer.resume(version, publishedAt, this.#options);
      return { manifest, observer, cohorts, rollout: rolloutState.parse(row.state) };
    }
    if (!isToBeWatched(manifest) || this.#isOld(manifest)) return undefined;
    const rollout = begin(version, plan, this.#now());
    const observer = Observer.begin(version, publishedAt, this.#options);
    const watched = { manifest, observer, cohorts, rollout };
    this.#sayBegun(watched);
    await this.#keep(watched, rollout);
    return watched;
  }

  /** Many had it before anybody watched, as after an upgrade or with another database: nothing is new about it. */
  #isOld({ version, rollout }: Manifest): boolean {
    const { fleet } = this.#options;
    const having = [...fleet.list()].filter((envoy) => envoy.policyVersion === version).length;
    return rollout === undefined && having > fleet.size / 10;
  }

  #tally({ rollout, observer, cohorts }: Watched): Tally {
    return observer.tally((envoyId) => cohorts?.holds(rollout.stage, envoyId) ?? true);
  }

  async #act(watched: Watched, rollout: Rollout, decision: Decision): Promise<void> {
    const { policy, home } = this.#options;
    const { version } = watched.manifest;
    if (decision.kind === "hold") return this.#keepNow(watched, rollout);
    if (decision.kind === "halt") return this.#halt(watched, rollout, decision.why);
    const done = decision.kind === "done";
    if (done && rollout.plan !== undefined) await finish(files, home, version);
    await this.#keep(watched, rollout, this.#entry(rollout));
    policy.widen(version, done ? undefined : rollout.stage);
    this.#options.log.info(done ? "rollout done" : "rollout widened", {
      version,
      ...(rollout.plan && { percent: partOf(rollout.plan, rollout.stage) }),
    });
  }

  /** What was live before is published again first: killed in between, that is live, and nothing of this one is left to do. */
  async #halt(watched: Watched, rollout: Rollout, why: string): Promise<void> {
    const { home, keep, policy, chronicle, log } = this.#options;
    const { version } = watched.manifest;
    const message = `automatic rollback of version ${version}: ${why}`;
    const former = await formerOf(files, home, watched.manifest);
    const who = { actor: "vigo", message, now: new Date(this.#now()) };
    const publication = { ...restoring(former, who), keep, over: version, force: message };
    await publishTree(files, home, publication, holder);
    log.error("publish taken back", { version, restored: former.manifest.version, why });
    await this.#keep(watched, rollout);
    await policy.reload();
    await chronicle.write();
  }

  async #keepNow(watched: Watched, rollout: Rollout): Promise<void> {
    const kept = watched.rollout;
    const quiet = rollout.at - this.#keptAt < keepEveryMs && rollout.since === kept.since;
    if (quiet && !watched.observer.hasNews) watched.rollout = rollout;
    else await this.#keep(watched, rollout);
  }

  async #keep(watched: Watched, rollout: Rollout, entry?: AuditEntry): Promise<void> {
    const { store } = this.#options;
    const row = { version: rollout.version, state: asJson(rollout) };
    await watched.observer.kept((members) => store.rollouts.put(row, members, entry));
    watched.rollout = rollout;
    this.#keptAt = rollout.at;
  }

  /** Each step of a staged publish is told; that an ordinary one was well is no act. */
  #entry({ version, plan, stage, end }: Rollout): AuditEntry | undefined {
    if (plan === undefined) return undefined;
    return {
      at: this.#now(),
      actor: "vigo",
      action: end === undefined ? "config.widen" : "config.rollout_done",
      subject: `version ${version}`,
      detail: { percent: partOf(plan, stage) },
    };
  }

  #sayBegun({ manifest: { version }, rollout: { plan } }: Watched): void {
    const { log, rules } = this.#options;
    if (plan === undefined) return;
    log.info("rollout begun", { version, percent: partOf(plan, 0), of: plan.stages.join(", ") });
    if (3 * plan.hold_ms < rules.watchMs)
      log.warn("the hold of this rollout is short: envoys may not call often enough to decide", {
        version,
        hold_ms: plan.hold_ms,
        needed_ms: Math.ceil(rules.watchMs / 3),
      });
  }
}

/** What is a rollback itself is not taken back, nor what has nothing before it. */
const isToBeWatched = ({ parent, rollback_of, rollout, unwatched }: Manifest): boolean =>
  parent !== undefined &&
  rollback_of === undefined &&
  (rollout !== undefined || unwatched !== true);

const asJson = ({ plan, end, ...rest }: Rollout) => ({
  ...rest,
  ...(plan && { plan: { ...plan, gates: plan.gates.map((gate) => ({ ...gate })) } }),
  ...(end && { end: { ...end } }),
});
