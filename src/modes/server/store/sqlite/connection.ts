/** One open database, its statements guarded. Must not know any table. */
import type { Database } from "bun:sqlite";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { Json } from "../../../../core/json.ts";
import { readable } from "./errors.ts";

export interface Connection {
  readonly file: string;
  readonly db: ReturnType<typeof drizzle>;
  /** Runs the statements; what SQLite throws comes out as a rejection that can be read. */
  do<T>(work: () => T): Promise<T>;
  /** The same in one transaction: all of it or nothing, on disk when it resolves. */
  atomically<T>(work: () => T): Promise<T>;
}

export function connection(database: Database, file: string): Connection {
  const guarded = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (caught) {
      throw readable(caught, file);
    }
  };
  return {
    file,
    db: drizzle({ client: database }),
    do: guarded,
    atomically: (work) => guarded(() => database.transaction(work).immediate()),
  };
}

/** SQLite's null is our undefined. */
export type Given<T> = { [K in keyof T]: null extends T[K] ? NonNullable<T[K]> | undefined : T[K] };

export const given = <T extends object>(row: T): Given<T> =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, value ?? undefined]),
  ) as Given<T>;

/** Any JSON as text, spelled here because drizzle writes a JSON null as SQL's NULL. */
export const jsonText = (value: Json) => sql`${JSON.stringify(value)}`;
