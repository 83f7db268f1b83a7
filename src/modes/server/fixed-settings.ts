/** Settings that a running server cannot change, and what it says when somebody did. Must not know how they are read. */
import type { Log } from "../../core/log.ts";
import type { Settings } from "./config/read.ts";

/** What the server is built on stays as it was at the start; all else is looked up when it is used. */
export function sayWhatNeedsRestart(before: Settings, after: Settings, log: Log): void {
  const fixed = (settings: Settings): Readonly<Record<string, unknown>> => {
    const { server, database, tuning, secrets } = settings;
    const { retention: _, ...fixedDatabase } = database;
    return {
      "server.grpc_listen": server.grpc_listen,
      "server.api_listen": server.api_listen,
      database: fixedDatabase,
      tuning,
      secrets,
    };
  };
  const [now, then] = [fixed(before), fixed(after)];
  const changed = Object.keys(now).filter((key) => !Bun.deepEquals(now[key], then[key]));
  if (changed.length > 0) log.warn("restart to apply", { settings: changed.join(", ") });
}
