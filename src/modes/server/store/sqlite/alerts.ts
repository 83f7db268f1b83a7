/** Alerts and their deliveries in SQLite. Must not know what they tell, nor how they are sent. */
import { and, asc, desc, eq, lt, lte } from "drizzle-orm";
import type { AlertStore, DeliveryRow } from "../store.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, jsonText } from "./connection.ts";
import { alerts, deliveries, meta } from "./schema.ts";

type Row = typeof deliveries.$inferSelect;

const delivery = ({ endedAt, error, ...row }: Row): DeliveryRow => ({
  ...row,
  endedAt: endedAt ?? undefined,
  error: error ?? undefined,
});

export const alertStore = (connection: Connection): AlertStore => ({
  add: (news, facts) =>
    connection.atomically(() => {
      const { db } = connection;
      for (const { alert, deliveries: wanted } of news) {
        const detail = jsonText(alert.detail);
        const { id } = db
          .insert(alerts)
          .values({ ...alert, detail })
          .returning({ id: alerts.id })
          .get();
        for (const { target, nextAt } of wanted)
          db.insert(deliveries)
            .values({ alertId: id, target, state: "waiting", attempts: 0, nextAt })
            .run();
      }
      for (const [key, value] of Object.entries(facts))
        db.insert(meta)
          .values({ key, value })
          .onConflictDoUpdate({ target: meta.key, set: { value } })
          .run();
    }),

  ...reading(connection),
  ...ending(connection),
});

const reading = (connection: Connection): Pick<AlertStore, "page" | "deliveries" | "due"> => ({
  page: (limit, before = Number.MAX_SAFE_INTEGER) =>
    connection.do(() =>
      connection.db
        .select()
        .from(alerts)
        .where(lt(alerts.id, before))
        .orderBy(desc(alerts.id))
        .limit(limit)
        .all(),
    ),

  deliveries: (limit, before = Number.MAX_SAFE_INTEGER, state = undefined) =>
    connection.do(() =>
      connection.db
        .select()
        .from(deliveries)
        .innerJoin(alerts, eq(alerts.id, deliveries.alertId))
        .where(
          and(
            lt(deliveries.id, before),
            state === undefined ? undefined : eq(deliveries.state, state),
          ),
        )
        .orderBy(desc(deliveries.id))
        .limit(limit)
        .all()
        .map((row) => [delivery(row.deliveries), row.alerts] as const),
    ),

  due: (now, limit) =>
    connection.do(() =>
      connection.db
        .select()
        .from(deliveries)
        .innerJoin(alerts, eq(alerts.id, deliveries.alertId))
        .where(and(eq(deliveries.state, "waiting"), lte(deliveries.nextAt, now)))
        .orderBy(asc(deliveries.nextAt), asc(deliveries.id))
        .limit(limit)
        .all()
        .map((row) => [delivery(row.deliveries), row.alerts] as const),
    ),
});

const ending = (connection: Connection): Pick<AlertStore, "settle" | "retry" | "prune"> => ({
  settle: (id, { endedAt, error, ...to }) =>
    connection.atomically(() => {
      const set = { ...to, endedAt: endedAt ?? null, error: error ?? null };
      connection.db.update(deliveries).set(set).where(eq(deliveries.id, id)).run();
    }),

  retry: (id, now, entry) =>
    connection.atomically(() => {
      const row = connection.db
        .update(deliveries)
        .set({ state: "waiting", attempts: 0, nextAt: now, endedAt: null })
        .where(and(eq(deliveries.id, id), eq(deliveries.state, "dead")))
        .returning()
        .get();
      if (row === undefined) return undefined;
      appendAudit(connection, entry);
      return delivery(row);
    }),

  prune: (before) =>
    connection.atomically(
      () =>
        connection.db.delete(alerts).where(lt(alerts.at, before)).returning({ id: alerts.id }).all()
          .length,
    ),
});
