/**
 * What the fleet's index says about one version, envoy by envoy: kept in memory and, what is not obvious, in the store. Must not
 * know what follows from it.
 */
import type { Json } from "../../../core/json.ts";
import {
  failsAsBefore,
  isUnhealthy,
  type Member,
  memberState,
  type Result,
  resultOf,
  type Sighting,
  standingBefore,
} from "../../../core/rollout/member.ts";
import { type Tally, tallyOf } from "../../../core/rollout/tally.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { RolloutMemberRow, Store } from "../store/store.ts";
import type { LivePolicy } from "./live.ts";

export interface ObserverDeps {
  readonly fleet: Fleet;
  readonly policy: Pick<LivePolicy, "runBefore">;
  readonly store: Pick<Store, "rollouts" | "runs">;
}

/** Runs that are read at one look, so that others are answered; the rest is read at the next. */
const mostReads = 200;
/** Rows that are written at once, for the same reason. */
const mostKept = 1_000;

export class Observer {
  readonly #members = new Map<string, Member>();
  readonly #runsAtStart = new Map<string, number>();
  readonly #changed = new Set<string>();

  private constructor(
    readonly version: number,
    /** Those enrolled later were not there before. */
    readonly publishedAt: number,
    readonly deps: ObserverDeps,
  ) {
    for (const envoy of deps.fleet.list()) this.#runsAtStart.set(envoy.id, envoy.lastRun);
  }

  /** For a version that nobody has run yet. */
  static begin(version: number, publishedAt: number, deps: ObserverDeps): Observer {
    const observer = new Observer(version, publishedAt, deps);
    for (const envoy of deps.fleet.list()) {
      const before = standingBefore(seenOf(envoy));
      if (before !== "good") observer.#put(envoy.id, { before });
    }
    return observer;
  }

  /** As far as it was observed. */
  static async resume(version: number, publishedAt: number, deps: ObserverDeps): Promise<Observer> {
    const observer = new Observer(version, publishedAt, deps);
    for (const { envoyId, state } of await deps.store.rollouts.members(version))
      observer.#members.set(envoyId, memberState.parse(state));
    return observer;
  }

  /** Takes in what is new. */
  async look(): Promise<void> {
    let reads = 0;
    for (const envoy of this.deps.fleet.list()) {
      const found = this.#news(envoy);
      if (found === undefined) continue;
      const member = this.#member(envoy);
      const asked = isUnhealthy(found) && typeof member.before === "number";
      if (asked && ++reads > mostReads) continue;
      const old = asked && (await this.#failsAsBefore(envoy.id, found.run, member.before));
      this.#put(envoy.id, { ...member, ran: { ...found, old } });
    }
  }

  /** Of the envoys that are asked for; those that are revoked or in maintenance do not count. */
  tally(wanted: (envoyId: string) => boolean): Tally {
    const { fleet } = this.deps;
    const observed = [...fleet.list()]
      .filter(
        (envoy) =>
          envoy.row.revokedAt === undefined &&
          fleet.maintenanceUntil(envoy) === undefined &&
          wanted(envoy.id),
      )
      .map((envoy) => ({
        member: this.#member(envoy),
        online: fleet.status(envoy) !== "offline",
      }));
    return tallyOf(observed);
  }

  /** Gives `keep` what has to be kept, or the first part of it; when that rejects, it gets it again the next time. */
  async kept(keep: (rows: readonly RolloutMemberRow[]) => Promise<void>): Promise<void> {
    const ids = [...this.#changed].slice(0, mostKept);
    for (const id of ids) this.#changed.delete(id);
    try {
      await keep(ids.map((envoyId) => ({ envoyId, state: this.#stateOf(envoyId) })));
    } catch (error) {
      for (const id of ids) this.#changed.add(id);
      throw error;
    }
  }

  get hasNews(): boolean {
    return this.#changed.size > 0;
  }

  #stateOf(id: string): Json {
    const { before = "good", ran } = this.#members.get(id) ?? {};
    return { before, ...(ran === undefined ? {} : { ran: { ...ran } }) };
  }

  #news(envoy: Envoy): Omit<Result, "old"> | undefined {
    const after =
      this.deps.policy.runBefore(envoy, this.version) ?? this.#runsAtStart.get(envoy.id) ?? 0;
    const found = resultOf(seenOf(envoy), this.version, after);
    const ran = this.#members.get(envoy.id)?.ran;
    return found === undefined || (ran !== undefined && tellsNothingNew(ran, found))
      ? undefined
      : found;
  }

  #member({ id, row }: Envoy): Member {
    const known = this.#members.get(id);
    return known ?? { before: row.enrolledAt > this.publishedAt ? "unknown" : "good" };
  }

  #put(id: string, member: Member): void {
    this.#members.set(id, member);
    this.#changed.add(id);
  }

  async #failsAsBefore(id: string, run: number, before: Member["before"]): Promise<boolean> {
    if (typeof before !== "number") return false;
    return failsAsBefore(await this.#broken(id, run), await this.#broken(id, before));
  }

  async #broken(id: string, run: number): Promise<readonly string[]> {
    const found = await this.deps.store.runs.find(id, run);
    return (found?.resources ?? [])
      .filter(({ outcome }) => outcome === "failed" || outcome === "blocked")
      .map(({ key }) => key);
  }
}

/** A healthy envoy stays so run after run; which failures are old has to be asked for each run that fails. */
const tellsNothingNew = (ran: Result, found: Omit<Result, "old">): boolean =>
  ran.failed === found.failed &&
  ran.blocked === found.blocked &&
  ran.drift === found.drift &&
  (ran.run === found.run || !isUnhealthy(found));

const seenOf = ({ checkInVersion, newest, steadyTo }: Envoy): Sighting => ({
  tells: checkInVersion,
  newest: newest[0],
  steadyTo,
});
