/** Notes that the server makes for itself, in SQLite; for use inside the transaction of what they are about. Must not know what. */
import type { Connection } from "./connection.ts";
import { meta } from "./schema.ts";

export function setMeta({ db }: Connection, key: string, value: string): void {
  db.insert(meta)
    .values({ key, value })
    .onConflictDoUpdate({ target: meta.key, set: { value } })
    .run();
}
