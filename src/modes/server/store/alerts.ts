/** What people were told of, and how it went to them, as the store keeps it. Must not know SQL. */
import type { Json } from "../../../core/json.ts";
import type { AuditEntry } from "./store.ts";

/** Something that people were told of. */
export interface AlertRow {
  /** Counts up. */
  readonly id: number;
  readonly at: number;
  readonly kind: string;
  readonly severity: string;
  readonly subject: string;
  readonly title: string;
  readonly detail: Json;
  /** The same for what began and for what ended it. */
  readonly about: string;
}

export interface DeliveryRow {
  /** Counts up. */
  readonly id: number;
  readonly alertId: number;
  /** `mail`, or the name of a webhook. */
  readonly target: string;
  readonly state: "waiting" | "sent" | "dead";
  readonly attempts: number;
  readonly nextAt: number;
  readonly endedAt: number | undefined;
  readonly error: string | undefined;
}

export interface NewAlert {
  readonly alert: Omit<AlertRow, "id">;
  readonly deliveries: readonly { readonly target: string; readonly nextAt: number }[];
}

export interface AlertStore {
  /** All or nothing, with facts of `MetaStore` that move along. */
  add(alerts: readonly NewAlert[], facts: Readonly<Record<string, string>>): Promise<void>;
  /** Newest first, those before an id. */
  page(limit: number, before?: number): Promise<readonly AlertRow[]>;
  /** Newest first, those before an id, in any state or in one, with what they tell. */
  deliveries(
    limit: number,
    before?: number,
    state?: DeliveryRow["state"],
  ): Promise<readonly (readonly [DeliveryRow, AlertRow])[]>;
  /** Waiting and due, oldest first. */
  due(now: number, limit: number): Promise<readonly (readonly [DeliveryRow, AlertRow])[]>;
  settle(
    id: number,
    to: Pick<DeliveryRow, "state" | "attempts" | "nextAt" | "endedAt" | "error">,
  ): Promise<void>;
  /** A dead one waits again; undefined when there is no such dead one. */
  retry(id: number, now: number, audit: AuditEntry): Promise<DeliveryRow | undefined>;
  /** Forgets alerts before a time, with their deliveries; says how many. */
  prune(before: number): Promise<number>;
}
