/** How the fleet stood, in SQLite. Must not know what the figures mean. */
import { asc, desc, gte, lt } from "drizzle-orm";
import type { TrendRow, TrendStore } from "../trend.ts";
import type { Connection } from "./connection.ts";
import { trend } from "./schema.ts";

type Stored = typeof trend.$inferSelect;

export const trendStore = (connection: Connection): TrendStore => {
  const { db } = connection;
  return {
    add: ({ at, convergence, ...figures }) =>
      connection.do(() => {
        const kept = { ...figures, convergence: convergence ?? null };
        db.insert(trend)
          .values({ at, figures: kept })
          .onConflictDoUpdate({ target: trend.at, set: { figures: kept } })
          .run();
      }),
    newest: () =>
      connection.do(() => {
        const row = db.select().from(trend).orderBy(desc(trend.at)).limit(1).get();
        return row && whole(row);
      }),
    since: (at) =>
      connection.do(() =>
        db.select().from(trend).where(gte(trend.at, at)).orderBy(asc(trend.at)).all().map(whole),
      ),
    prune: (before) =>
      connection.do(
        () => db.delete(trend).where(lt(trend.at, before)).returning({ at: trend.at }).all().length,
      ),
  };
};

const whole = ({ at, figures: { convergence, ...rest } }: Stored): TrendRow => ({
  at,
  ...rest,
  convergence: convergence ?? undefined,
});
