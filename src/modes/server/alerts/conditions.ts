/** What is wrong for as long as it lasts, told once when it begins. Must not know what can be wrong. */
import type { AlertEvent } from "./event.ts";

export type Condition = Omit<AlertEvent, "at">;

/** `before` and `now` name what holds, one a line: what is not told of again while it stays. */
export function begun(
  before: string,
  holding: readonly Condition[],
  at: number,
): { readonly events: readonly AlertEvent[]; readonly now: string } {
  const told = new Set(before.split("\n"));
  return {
    events: holding.filter(({ about }) => !told.has(about)).map((one) => ({ ...one, at })),
    now: holding
      .map(({ about }) => about)
      .sort()
      .join("\n"),
  };
}
