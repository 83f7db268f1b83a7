/** `--follow`: a list that goes on as new rows come, until the reader stops it. Must not know what is listed. */
import { setTimeout } from "node:timers/promises";
import type { Args } from "../../core/command/args.ts";
import type { Screen } from "../../core/command/screen.ts";

export const followFlag = {
  follow: { type: "boolean", description: "Goes on with new ones as they come, until Ctrl-C." },
} as const satisfies Args;

interface Following<R> {
  /** What is there already, the newest last. */
  readonly first: readonly R[];
  keyOf(row: R): string;
  /** The newest rows, the newest last; those that were there before are passed over. */
  ask(): Promise<readonly R[]>;
  print(rows: readonly R[]): string;
}

const everyMs = 2_000;

/** Rows that are remembered, so that none is printed twice. */
const remembered = 20_000;

/** Never resolves; rejects when the server cannot be asked any more. */
export async function follow<R>(
  screen: Pick<Screen, "out">,
  { first, keyOf, ask, print }: Following<R>,
): Promise<never> {
  const seen = new Set(first.map(keyOf));
  if (first.length > 0) screen.out(print(first));
  for (;;) {
    await setTimeout(everyMs);
    const fresh = (await ask()).filter((row) => !seen.has(keyOf(row)));
    for (const row of fresh) seen.add(keyOf(row));
    while (seen.size > remembered) seen.delete(seen.values().next().value as string);
    if (fresh.length > 0) screen.out(print(fresh));
  }
}
