/**
 * Alerts on their way: what happened is kept first, with a delivery for each place that wants it, then sent, at least once, with
 * growing pauses, until it is taken or given up. Must not know how events are found, nor how a place is spoken to.
 */
import { VigoError } from "../../../core/errors.ts";
import { Line } from "../../../core/line.ts";
import type { Log } from "../../../core/log.ts";
import type { AlertRow, DeliveryRow, Store } from "../store/store.ts";
import { type AlertEvent, type Kind, kinds, wants } from "./event.ts";
import { type QuietHours, quietUntil } from "./quiet.ts";
import type { Smtp, Webhook } from "./settings.ts";

export interface Places {
  readonly smtp: Smtp | undefined;
  readonly webhooks: readonly Webhook[];
  readonly quietHours: QuietHours | undefined;
}

export interface AlertsOptions {
  readonly store: Pick<Store, "alerts">;
  /** As `server.yaml` says now. */
  places(): Places;
  sendMail(settings: Smtp, alert: AlertRow): Promise<void>;
  sendWebhook(hook: Webhook, alert: AlertRow, delivery: number): Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

const atOnce = 20;
const firstPauseMs = 15_000;
const longestPauseMs = 3_600_000;
const mailRetries = 8;

export class Alerts {
  readonly #options: AlertsOptions;
  readonly #line = new Line();
  /** Deliveries that were given up since the start. */
  failures = 0;

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  get targets(): readonly string[] {
    const { smtp, webhooks } = this.#options.places();
    return [...(smtp === undefined ? [] : ["mail"]), ...webhooks.map(({ name }) => name)];
  }

  /** On disk when it resolves, with the facts that say how far was looked. */
  async raise(
    events: readonly AlertEvent[],
    facts: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const news = events.map((event) => ({
      alert: { ...event, severity: kinds[event.kind] },
      deliveries: this.#targetsOf(event.kind).map((target) => ({
        target,
        nextAt: this.#earliest(event.kind),
      })),
    }));
    await this.#options.store.alerts.add(news, facts);
  }

  /** To one place, or to all; rejects with `missing` when there is none. */
  async test(target: string | undefined): Promise<readonly string[]> {
    const { now, store } = this.#options;
    const targets = this.targets.filter((one) => target === undefined || one === target);
    if (targets.length === 0)
      throw new VigoError(
        "missing",
        target === undefined ? "alerts go nowhere yet" : `no place ${target} for alerts`,
        {
          hint: "say smtp: or webhooks: in server.yaml, then reload the server",
        },
      );
    const at = now();
    const alert = {
      kind: "alerts.test",
      severity: kinds["alerts.test"],
      at,
      subject: "fleet",
      title: "A test from Vigo: alerts arrive here",
      detail: {},
      about: `alerts.test ${at}`,
    };
    const deliveries = targets.map((one) => ({ target: one, nextAt: at }));
    await store.alerts.add([{ alert, deliveries }], {});
    await this.work();
    return targets;
  }

  /** Sends what is due. Never two at once: both would send the same. */
  work(): Promise<void> {
    return this.#line.add(async () => {
      const { store, now } = this.#options;
      const due = await store.alerts.due(now(), atOnce);
      await Promise.all(due.map(([delivery, alert]) => this.#deliver(delivery, alert)));
    });
  }

  async #deliver(delivery: DeliveryRow, alert: AlertRow): Promise<void> {
    const { store, now, log } = this.#options;
    const attempts = delivery.attempts + 1;
    try {
      await this.#send(delivery, alert);
      await store.alerts.settle(delivery.id, {
        state: "sent",
        attempts,
        nextAt: delivery.nextAt,
        endedAt: now(),
        error: undefined,
      });
    } catch (caught) {
      const error = (caught instanceof Error ? caught.message : String(caught)).slice(0, 500);
      const isDead = attempts > this.#retriesOf(delivery.target) || isHopeless(caught);
      if (isDead) {
        this.failures += 1;
        log.error("alert not delivered", {
          target: delivery.target,
          kind: alert.kind,
          delivery: delivery.id,
          error,
        });
      }
      const pause = Math.min(firstPauseMs * 2 ** (attempts - 1), longestPauseMs);
      await store.alerts.settle(delivery.id, {
        state: isDead ? "dead" : "waiting",
        attempts,
        nextAt: now() + pause,
        endedAt: isDead ? now() : undefined,
        error,
      });
    }
  }

  async #send({ target, id }: DeliveryRow, alert: AlertRow): Promise<void> {
    const { smtp, webhooks } = this.#options.places();
    const hook = webhooks.find(({ name }) => name === target);
    if (target === "mail" && smtp !== undefined) await this.#options.sendMail(smtp, alert);
    else if (hook !== undefined) await this.#options.sendWebhook(hook, alert, id);
    else throw new VigoError("failed", `server.yaml names no ${target} any more`);
  }

  #targetsOf(kind: Kind): readonly string[] {
    const { smtp, webhooks } = this.#options.places();
    return [
      ...(smtp !== undefined && wants(smtp.events, kind) ? ["mail"] : []),
      ...webhooks.filter(({ events }) => wants(events, kind)).map(({ name }) => name),
    ];
  }

  /** What is critical wakes people at any hour. */
  #earliest(kind: Kind): number {
    const now = this.#options.now();
    if (kinds[kind] === "critical") return now;
    return quietUntil(now, this.#options.places().quietHours) ?? now;
  }

  #retriesOf(target: string): number {
    if (target === "mail") return mailRetries;
    return this.#options.places().webhooks.find(({ name }) => name === target)?.retries ?? 0;
  }
}

/** Refused for good: trying again would change nothing. */
const isHopeless = (caught: unknown): boolean =>
  caught instanceof VigoError && caught.failure === "failed";
