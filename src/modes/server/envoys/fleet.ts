/**
 * All envoys in memory: filled from the store at start, kept true by check-ins, flushed in batches, so that a check-in with
 * nothing to tell touches no database. Must not know requests, policy, nor HTTP.
 */
import { setImmediate } from "node:timers/promises";
import { type RunHead, type Standing, type Status, statusOf } from "../../../core/status.ts";
import type { AnyTraitType } from "../../../core/trait.ts";
import type { ReportedRun, Span } from "../../../core/wire/convert.ts";
import type { EnvoyRow, RenewedCertificate, Store } from "../store/store.ts";
import { AgentKnowledge } from "./agent-knowledge.ts";
import { Envoy } from "./envoy.ts";
import { admit, type Machine } from "./machines.ts";
import { Roots } from "./roots.ts";
import type { ToldTraits } from "./told-traits.ts";

export interface FleetOptions {
  /** `checkin.interval`, and `checkin.offline_threshold` as a factor of the cadence or as a time. */
  readonly intervalMs: number;
  readonly offline: { readonly factor: number } | { readonly ms: number };
  /** `convergence.diverged_after`. */
  readonly divergedAfter: number;
  /** Every trait this server knows. */
  readonly traits: readonly AnyTraitType[];
  readonly now?: () => number;
  readonly onEvent?: (event: FleetEvent) => void;
}

/** Traits that wait to be written: what `flush` writes comes after them. */
type Told = Pick<ToldTraits, "isWaiting" | "write">;

/** Until somebody takes them. */
const mostEvents = 1_000;

const nobody: Told = { isWaiting: () => false, write: (also = async () => {}) => also() };

/** Envoys written together: everybody else waits for that long. */
const chunk = 250;

export interface FleetEvent {
  readonly kind: "envoy.cloned" | "envoy.moved";
  readonly envoyId: string;
  readonly hostname: string;
  readonly machine: Machine;
}

export class Fleet {
  readonly now: () => number;
  readonly knowledge = new AgentKnowledge(() => this.list());
  readonly #envoys = new Map<string, Envoy>();
  readonly #options: FleetOptions;
  readonly #roots: Roots;
  readonly #events: FleetEvent[] = [];
  readonly #revoked: ((envoy: Envoy) => void)[] = [];
  readonly #unflushed = new Set<Envoy>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#roots = new Roots(options.traits);
    this.now = options.now ?? Date.now;
  }

  static async load(store: Pick<Store, "envoys" | "runs" | "traits">, options: FleetOptions) {
    const fleet = new Fleet(options);
    const written = new Map<string, string>();
    for (const { traitsRoot, ...row } of await store.envoys.all()) {
      fleet.#envoys.set(row.id, new Envoy(row, row));
      if (traitsRoot !== undefined) written.set(row.id, traitsRoot);
    }
    const runs = Map.groupBy(await store.runs.newest(options.divergedAfter), (run) => run.envoyId);
    for (const [id, newest] of runs) fleet.#with(id, (envoy) => (envoy.newest = newest.map(head)));
    for (const { envoyId, last } of await store.runs.newestSpans())
      fleet.#with(envoyId, (envoy) => (envoy.steadyTo = last));
    await fleet.#roots.load(fleet.#envoys, written, store.traits);
    return fleet;
  }

  get size(): number {
    return this.#envoys.size;
  }

  get(id: string): Envoy | undefined {
    return this.#envoys.get(id);
  }

  /** In no order, revoked ones too. */
  list(): IterableIterator<Envoy> {
    return this.#envoys.values();
  }

  add(row: EnvoyRow): Envoy {
    const envoy = new Envoy(row);
    this.#envoys.set(row.id, envoy);
    return envoy;
  }

  /** Holds from the next request on, and those who listen cut its connections. */
  revoke(id: string, at: number): void {
    this.#with(id, (envoy) => {
      envoy.row = { ...envoy.row, revokedAt: envoy.row.revokedAt ?? at };
      for (const listener of this.#revoked) listener(envoy);
    });
  }

  /** Of a revoked one. What it has told and nobody has written yet goes with it. */
  remove(id: string): void {
    this.#with(id, (envoy) => this.#unflushed.delete(envoy));
    this.#envoys.delete(id);
  }

  maintain(id: string, until: number | undefined): void {
    this.#with(id, (envoy) => (envoy.row = { ...envoy.row, maintenanceUntil: until }));
  }

  note(id: string, note: string): void {
    this.#with(id, (envoy) => (envoy.row = { ...envoy.row, note }));
  }

  tag(id: string, tags: readonly string[]): void {
    this.#with(id, (envoy) => (envoy.row = { ...envoy.row, tags }));
  }

  /** Until then it runs nothing and nobody is told of it; undefined: it is not in maintenance. */
  maintenanceUntil({ row }: Envoy): number | undefined {
    const { maintenanceUntil: until } = row;
    return until !== undefined && until > this.now() ? until : undefined;
  }

  /** Another name may mean another policy. */
  rename(id: string, hostname: string): void {
    this.#with(id, (envoy) => {
      envoy.row = { ...envoy.row, hostname };
      envoy.dirty();
    });
  }

  /** The certificate so far is taken as well, until the new one has been seen. */
  renewed(id: string, { certificate, previous, expiresAt, trusts }: RenewedCertificate): void {
    this.#with(id, (envoy) => {
      const [previousCertificate, certificateExpiresAt] = [previous, expiresAt];
      envoy.row = {
        ...envoy.row,
        certificate,
        previousCertificate,
        certificateExpiresAt,
        trusts,
      };
    });
  }

  onRevoke(listener: (envoy: Envoy) => void): void {
    this.#revoked.push(listener);
  }

  /** False: another machine uses this identity, and this one has to wait. */
  admits(envoy: Envoy, machine: Machine): boolean {
    const { as, newcomer } = admit(envoy, machine, this.#isSilent(envoy));
    if (newcomer !== undefined) this.#tellOf(envoy, as === "moved" ? "moved" : "cloned", newcomer);
    return as !== "cloned";
  }

  /** A check-in: remembered now, on disk with the next flush. */
  checkedIn(envoy: Envoy, span: Span | undefined): void {
    const now = this.now();
    if (envoy.lastSeenAt !== undefined) this.#pace(envoy, now - envoy.lastSeenAt);
    envoy.lastSeenAt = now;
    envoy.formerCheckInAt = envoy.checkedInAt;
    envoy.formerCheckInRun = envoy.checkInRun;
    envoy.checkedInAt = now;
    if (span !== undefined) steady(envoy, span);
    envoy.checkInRun = envoy.lastRun;
    this.#unflushed.add(envoy);
  }

  /** Runs that are committed. */
  ran(envoy: Envoy, runs: readonly ReportedRun[], spans: readonly Span[]): void {
    const known = new Set(envoy.newest.map((run) => run.number));
    envoy.newest = [...envoy.newest, ...runs.filter((run) => !known.has(run.number)).map(head)]
      .sort((a, b) => b.number - a.number)
      .slice(0, this.#options.divergedAfter);
    for (const { last } of spans) envoy.steadyTo = Math.max(envoy.steadyTo ?? 0, last);
    // It took a bundle after its check-in, which told of the one before.
    for (const { policyVersion } of runs)
      envoy.policyVersion = Math.max(envoy.policyVersion, policyVersion);
    envoy.lastSeenAt = this.now();
    this.#unflushed.add(envoy);
  }

  /** What an envoy's status is decided from (core/status.ts). */
  standing(envoy: Envoy): Standing {
    return {
      lastContactAt: envoy.lastSeenAt ?? envoy.row.enrolledAt,
      offlineAfterMs: this.#offlineAfter(envoy),
      newest: envoy.newest,
      steadyTo: envoy.steadyTo,
      divergedAfter: this.#options.divergedAfter,
    };
  }

  status(envoy: Envoy): Status {
    return statusOf(this.standing(envoy), this.now());
  }

  /** Writes what check-ins told since the last time; when it rejects, the next one writes it. */
  flush(store: Pick<Store, "envoys" | "runs">, told: Told = nobody): Promise<void> {
    return told.write(async () => {
      const batch = [...this.#unflushed];
      for (let at = 0; at < batch.length; at += chunk) {
        await this.#write(batch.slice(at, at + chunk), store, told);
        await setImmediate();
      }
    });
  }

  async #write(
    some: readonly Envoy[],
    store: Pick<Store, "envoys" | "runs">,
    told: Told,
  ): Promise<void> {
    // One that was deleted meanwhile would make every flush fail.
    const batch = some.filter(({ id }) => this.#envoys.has(id));
    for (const envoy of some) this.#unflushed.delete(envoy);
    const spans = batch.flatMap(({ id, span }) => (span ? [{ envoyId: id, ...span }] : []));
    // A root of sections that are not written must not be either.
    const root = (envoy: Envoy) => (told.isWaiting(envoy.id) ? "" : this.#roots.kept(envoy));
    try {
      await store.envoys.seen(batch.map((envoy) => ({ ...envoy.seen(), traitsRoot: root(envoy) })));
      if (spans.length > 0) await store.runs.recordSpans(spans);
    } catch (error) {
      for (const envoy of batch) if (this.#envoys.has(envoy.id)) this.#unflushed.add(envoy);
      throw error;
    }
  }

  /** The interval the envoy has been given. */
  intervalMs(envoy: Envoy): number {
    return envoy.intended?.intervalMs ?? this.#options.intervalMs;
  }

  #with(id: string, change: (envoy: Envoy) => void): void {
    const envoy = this.#envoys.get(id);
    if (envoy !== undefined) change(envoy);
  }

  #isSilent(envoy: Envoy): boolean {
    return (
      envoy.lastSeenAt === undefined || this.now() - envoy.lastSeenAt > this.#offlineAfter(envoy)
    );
  }

  /** Never shorter than the interval allows: a run started by hand makes no envoy look late. */
  #offlineAfter(envoy: Envoy): number {
    const { offline } = this.#options;
    if ("ms" in offline) return offline.ms;
    return offline.factor * Math.max(envoy.cadenceMs, this.intervalMs(envoy));
  }

  /** A moving mean of the gaps; an absence is no gap, nor is a clock that was set back. */
  #pace(envoy: Envoy, gap: number): void {
    if (gap < 0 || gap > this.#offlineAfter(envoy)) return;
    envoy.cadenceMs = envoy.cadenceMs === 0 ? gap : envoy.cadenceMs + (gap - envoy.cadenceMs) / 8;
  }

  /** Once for each newcomer, however often it asks. */
  #tellOf(envoy: Envoy, what: "cloned" | "moved", machine: Machine): void {
    const story = `${what} ${machine.machineId} ${machine.bootId}`;
    if (story === envoy.told) return;
    envoy.told = story;
    const { id, row } = envoy;
    const event = { kind: `envoy.${what}`, envoyId: id, hostname: row.hostname, machine } as const;
    this.#options.onEvent?.(event);
    if (this.#events.length < mostEvents) this.#events.push(event);
  }

  /** What has come up since the last time; each is given once. */
  takeEvents(): readonly FleetEvent[] {
    return this.#events.splice(0);
  }
}

function steady(envoy: Envoy, span: Span): void {
  envoy.span = span;
  envoy.steadyTo = Math.max(envoy.steadyTo ?? 0, span.last);
}

/** Only what a status needs, not the resources. */
const head = ({ number, policyVersion, startedAt, outcome, counts, causes }: RunHead): RunHead => ({
  number,
  policyVersion,
  startedAt,
  outcome,
  counts,
  causes,
});
