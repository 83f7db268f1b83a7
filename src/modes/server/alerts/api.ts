/** The endpoints about alerts, handled. Must not know HTTP, the database, nor any place alerts go to. */
import { z } from "zod";
import {
  type Alert,
  type Delivery,
  listAlerts,
  listDeliveries,
  retryDelivery,
  testAlerts,
} from "../../../core/api/alerts.ts";
import { VigoError } from "../../../core/errors.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { implement } from "../http/implement.ts";
import type { AlertRow, DeliveryRow, Store } from "../store/store.ts";
import type { Alerts } from "./alerts.ts";

interface Deps {
  readonly store: Pick<Store, "alerts" | "audit">;
  readonly alerts: Alerts;
  readonly now: () => number;
}

export const alertRoutes = [
  implement(listAlerts, async ({ query }, { store }: Deps) => {
    const rows = await store.alerts.page(query.limit + 1, fromCursor(z.int(), query.cursor));
    const { shown: all, next } = paged(rows, query.limit, ({ id }) => id);
    return { alerts: all.map(alertShown), ...next };
  }),
  implement(listDeliveries, async ({ query }, { store }: Deps) => {
    const before = fromCursor(z.int(), query.cursor);
    const rows = await store.alerts.deliveries(query.limit + 1, before, query.state);
    const { shown: all, next } = paged(rows, query.limit, ([{ id }]) => id);
    return { deliveries: all.map(deliveryShown), ...next };
  }),
  implement(retryDelivery, async ({ params }, { store, now }: Deps, { name: actor }) => {
    const act = { at: now(), actor, action: "alert.retry", subject: params.id, detail: {} };
    const row = await store.alerts.retry(Number(params.id) || 0, now(), act);
    if (row !== undefined) return { id: row.id, target: row.target };
    throw new VigoError("missing", `no delivery ${params.id} was given up`, {
      hint: "vigo cli alerts deliveries --state dead",
    });
  }),
  implement(testAlerts, async ({ body }, { store, alerts, now }: Deps, { name: actor }) => {
    const targets = await alerts.test(body.target);
    const detail = { targets: [...targets] };
    await store.audit.append({ at: now(), actor, action: "alert.test", subject: "alerts", detail });
    const rows = await store.alerts.deliveries(targets.length);
    return { deliveries: rows.map(deliveryShown) };
  }),
];

function paged<R>(rows: readonly R[], limit: number, id: (row: R) => number) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { shown, next: rows.length > limit && last ? { cursor: toCursor(id(last)) } : {} };
}

const moment = (at: number) => new Date(at).toISOString();

const alertShown = ({ about: _, at, detail, ...row }: AlertRow): Alert => ({
  ...row,
  at: moment(at),
  detail: detail as Alert["detail"],
});

const deliveryShown = ([row, alert]: readonly [DeliveryRow, AlertRow]): Delivery => ({
  id: row.id,
  target: row.target,
  state: row.state,
  attempts: row.attempts,
  ...(row.state === "waiting" ? { next_at: moment(row.nextAt) } : {}),
  ...(row.endedAt === undefined ? {} : { ended_at: moment(row.endedAt) }),
  ...(row.error === undefined ? {} : { error: row.error }),
  alert: alertShown(alert),
});
