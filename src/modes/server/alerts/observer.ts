/**
 * Finds out what people should be told: how each envoy stands against how it stood, what the audit log says was done, how much of the
 * fleet converges, who was refused, which certificate ends. What it has told is kept, so that a restart tells nothing twice and
 * misses nothing. Must not know who is told.
 */
import type { Status } from "../../../core/status.ts";
import type { Store } from "../store/store.ts";
import { toldOfAct } from "./acts.ts";
import { begun, type Condition } from "./conditions.ts";
import { type AlertEvent, grouped, type Kind } from "./event.ts";

export interface Standing {
  readonly id: string;
  readonly hostname: string;
  readonly status: Status;
}

export interface ObserverOptions {
  readonly store: Pick<Store, "audit" | "meta">;
  /** Of envoys that are neither revoked nor in maintenance. */
  standings(): readonly Standing[];
  /** Undefined when nobody is online. */
  convergence(): number | undefined;
  threshold(): number | undefined;
  /** Requests refused so far for what no honest agent sends. */
  refusals(): number;
  certificates(): readonly { readonly name: string; readonly endsAt: number }[];
  /** What is wrong with the server now; each is told when it begins. */
  conditions(): readonly Condition[];
  /** What has come up since the last look, and is no act of anybody. */
  happened(): readonly AlertEvent[];
  /** Until then silence means that this server was away. */
  readonly settledAt: () => number;
  readonly now: () => number;
  raise(events: readonly AlertEvent[], facts: Readonly<Record<string, string>>): Promise<void>;
}

type Trouble = Extract<Kind, "envoy.stale" | "run.failed" | "run.drift">;

const troubleOf: Partial<Record<Status, Trouble>> = {
  offline: "envoy.stale",
  failed: "run.failed",
  degraded: "run.failed",
  relapsed: "run.drift",
  diverged: "run.drift",
};

const toldOf: Readonly<Record<Trouble, (hostname: string) => string>> = {
  "envoy.stale": (hostname) => `${hostname} is silent`,
  "run.failed": (hostname) => `${hostname} could not enforce all of its policy`,
  "run.drift": (hostname) => `${hostname} drifts again and again`,
};

const factOf = {
  audit: "alerts.audit",
  envoys: "alerts.envoys",
  fleet: "alerts.fleet",
  certificates: "alerts.certificates",
  conditions: "alerts.conditions",
} as const;
const pageSize = 500;
/** While the database takes nothing. */
const mostUntold = 1_000;
const day = 86_400_000;
const refusalPauseMs = 600_000;
const certificateDays = 14;

export class Observer {
  readonly #options: ObserverOptions;
  #state: Told | undefined;
  /** What was found, is found once, and is not on disk yet. */
  #untold: readonly AlertEvent[] = [];
  #refusals = 0;
  #refusalsToldAt = Number.NEGATIVE_INFINITY;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#refusals = options.refusals();
  }

  /** Before anybody is let in: what happens from now on is told. */
  async begin(): Promise<void> {
    this.#state = await this.#remembered();
  }

  /** One look. Never two at once. */
  async look(): Promise<void> {
    const before = this.#state ?? (await this.#remembered());
    const audit = await this.#audited(before.audit);
    const envoys = this.#envoys(before.envoys);
    const fleet = this.#convergence(before.fleet);
    const certificates = this.#certificates(before.certificates);
    const { conditions: hold, happened, now } = this.#options;
    const conditions = begun(before.conditions, hold(), now());
    this.#untold = [...this.#untold, ...grouped(happened()), ...this.#refused()].slice(
      0,
      mostUntold,
    );
    const events = [
      ...grouped(envoys.events),
      ...grouped(audit.events),
      ...fleet.events,
      ...certificates.events,
      ...grouped(conditions.events),
      ...this.#untold,
    ];
    const after: Told = {
      audit: audit.last,
      envoys: envoys.now,
      fleet: fleet.now,
      certificates: certificates.now,
      conditions: conditions.now,
    };
    const facts = changed(before, after);
    if (events.length > 0 || Object.keys(facts).length > 0)
      await this.#options.raise(events, facts);
    this.#untold = [];
    this.#state = after;
  }

  async #remembered(): Promise<Told> {
    const { meta, audit } = this.#options.store;
    const last = await meta.get(factOf.audit);
    // A server that alerts for the first time does not tell its whole past.
    const newest = last ?? String((await audit.page(1))[0]?.id ?? 0);
    if (last === undefined) await meta.set(factOf.audit, newest);
    return {
      audit: Number(newest),
      envoys: JSON.parse((await meta.get(factOf.envoys)) ?? "{}") as Told["envoys"],
      fleet: (await meta.get(factOf.fleet)) ?? "",
      certificates: (await meta.get(factOf.certificates)) ?? "",
      conditions: (await meta.get(factOf.conditions)) ?? "",
    };
  }

  async #audited(after: number) {
    const rows = await this.#options.store.audit.after(after, pageSize);
    const events = rows.flatMap((row) => {
      const event = toldOfAct(row);
      return event === undefined ? [] : [event];
    });
    return { events, last: rows.at(-1)?.id ?? after };
  }

  #envoys(before: Told["envoys"]) {
    const { standings, settledAt, now } = this.#options;
    const at = now();
    const after: Record<string, Trouble> = {};
    const events: AlertEvent[] = [];
    for (const { id, hostname, status } of standings()) {
      const was = before[id];
      // While it is not known whether an envoy is silent or this server was away, it stands as it stood.
      const is = status === "offline" && at < settledAt() ? was : troubleOf[status];
      if (is !== undefined) after[id] = is;
      if (is === was) continue;
      const about = `envoy ${id}`;
      if (is === undefined)
        events.push({
          kind: "envoy.recovered",
          at,
          subject: hostname,
          title: `${hostname} is well again`,
          detail: { status },
          about,
        });
      else
        events.push({
          kind: is,
          at,
          subject: hostname,
          title: toldOf[is](hostname),
          detail: { status },
          about,
        });
    }
    return { events, now: after };
  }

  #convergence(before: string) {
    const { convergence, now } = this.#options;
    const [share, threshold] = [convergence(), this.#options.threshold()];
    if (threshold === undefined || share === undefined) return { events: [], now: before };
    const is = share < threshold ? "below" : "";
    if (is === before) return { events: [], now: before };
    const percent = `${(share * 100).toFixed(1)} %`;
    const event: AlertEvent = {
      kind: is === "below" ? "convergence.threshold" : "convergence.recovered",
      at: now(),
      subject: "fleet",
      title: `${percent} of the fleet are converged, ${is === "below" ? "less than" : "at least"} ${threshold * 100} %`,
      detail: { converged: percent },
      about: "convergence",
    };
    return { events: [event], now: is };
  }

  #certificates(before: string) {
    const { certificates, now } = this.#options;
    const ending = certificates().filter(({ endsAt }) => endsAt - now() < certificateDays * day);
    const is = ending.map(({ name, endsAt }) => `${name} ${endsAt}`).join(" ");
    if (is === before) return { events: [], now: before };
    const events = ending.map(({ name, endsAt }): AlertEvent => ({
      kind: "certificate.expiring",
      at: now(),
      subject: name,
      title: `the certificate of ${name} ends at ${new Date(endsAt).toISOString()}`,
      detail: {},
      about: `certificate ${name}`,
    }));
    return { events, now: is };
  }

  #refused(): readonly AlertEvent[] {
    const { refusals, now } = this.#options;
    const count = refusals() - this.#refusals;
    if (count <= 0 || now() - this.#refusalsToldAt < refusalPauseMs) return [];
    this.#refusals += count;
    this.#refusalsToldAt = now();
    return [
      {
        kind: "security.signature_failed",
        at: now(),
        subject: "fleet",
        title: `${count} requests with a wrong signature, a copied sequence or another's certificate`,
        detail: { count, see: "vigo_sig_verify_failed_total in /metrics, and the log" },
        about: "signatures",
      },
    ];
  }
}

interface Told {
  readonly audit: number;
  readonly envoys: Readonly<Record<string, Trouble>>;
  readonly fleet: string;
  readonly certificates: string;
  readonly conditions: string;
}

function changed(before: Told, after: Told): Readonly<Record<string, string>> {
  const text = (told: Told): Readonly<Record<string, string>> => ({
    [factOf.audit]: String(told.audit),
    [factOf.envoys]: JSON.stringify(told.envoys),
    [factOf.fleet]: told.fleet,
    [factOf.certificates]: told.certificates,
    [factOf.conditions]: told.conditions,
  });
  const was = text(before);
  return Object.fromEntries(
    Object.entries(text(after)).filter(([key, value]) => was[key] !== value),
  );
}
