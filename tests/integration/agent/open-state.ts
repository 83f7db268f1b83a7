/** A process that opens the state in a home and says what came of it: damage inside can end a process. */
import { recordsIn } from "../../../src/modes/agent/cache.ts";
import { openCarefully } from "../../../src/modes/agent/cache-open.ts";
import { agent } from "../../../src/modes/agent/index.ts";
import { Ledger } from "../../../src/modes/agent/ledger.ts";

// The child that tries the state first is this program again.
if (process.argv[2] === "agent") process.exit(await agent(process.argv.slice(3)));

const said: string[] = [];
const say = (event: string) => void said.push(event);
const [, , home = "", now = ""] = process.argv;
const cache = await openCarefully(home, { info: say, warn: say, error: say }, () => new Date(now));
const waiting = cache.waitingCount();
const isEmpty = cache.bundle() === undefined && recordsIn(cache).enforced().size === 0;
const next = new Ledger(cache).record({
  outcome: "ok",
  dry_run: false,
  policy_version: 1,
  started_at: now,
  duration_ms: 1,
  counts: { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 },
  resources: [],
  pending_refreshes: [],
});
await cache.close();
process.stdout.write(JSON.stringify({ said, waiting, isEmpty, next }));
