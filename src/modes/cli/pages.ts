/** Lists that come page by page. Must not know what is listed. */
import { type Args, misused } from "../../core/command/args.ts";
import { parseDuration } from "../../core/duration.ts";

export const limitFlag = {
  limit: { type: "string", description: "How many at most.", default: "50", valueHint: "N" },
} as const satisfies Args;

/** What `--limit` says. */
export function atMost(limit: string): number {
  if (/^[1-9]\d{0,5}$/.test(limit)) return Number(limit);
  throw misused(`--limit must be a number from 1 to 999999, not "${limit}"`);
}

interface Page<R> {
  readonly rows: readonly R[];
  readonly cursor?: string | undefined;
}

export const recentFlags = {
  ...limitFlag,
  since: {
    type: "string",
    description: "Only those of the time since then: 90m, 24h, 7d.",
    valueHint: "24h",
  },
} as const satisfies Args;

/** Of a list that has the newest first: as many as `--limit` says, none older than `--since`. */
export async function newest<R>(
  { limit, since }: { readonly limit: string; readonly since: string | undefined },
  ask: (query: { readonly limit: number; readonly cursor?: string }) => Promise<Page<R>>,
  at: (row: R) => string,
): Promise<readonly R[]> {
  const most = atMost(limit);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.now() - spanOf(since);
  return everyPage(async (cursor) => {
    const page = await ask({
      limit: Math.min(most, 1000),
      ...(cursor !== undefined && { cursor }),
    });
    const rows = page.rows.filter((row) => Date.parse(at(row)) >= from);
    // Whatever follows is older still.
    return { rows, cursor: rows.length < page.rows.length ? undefined : page.cursor };
  }, most);
}

function spanOf(since: string): number {
  const ms = parseDuration(since);
  if (ms !== undefined) return ms;
  throw misused(`--since ${since} is no duration like 90m, 24h or 7d`);
}

/** All rows, or the first `most`. */
export async function everyPage<R>(
  ask: (cursor: string | undefined) => Promise<Page<R>>,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly R[]> {
  const all: R[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    all.push(...page.rows);
    cursor = page.rows.length === 0 ? undefined : page.cursor;
  } while (cursor !== undefined && all.length < most);
  return all.slice(0, most);
}
