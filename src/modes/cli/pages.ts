/** Lists that come page by page. Must not know what is listed. */
import { type Args, misused } from "../../core/command/args.ts";

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
