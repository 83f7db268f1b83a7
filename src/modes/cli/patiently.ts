/** Follows what goes on at the server to its end, whatever happens to the connection. Must not know what it is. */
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../core/errors.ts";
import type { Screen } from "../../core/command/screen.ts";

/** A server may take so long to restart. */
const patience = { mostMs: 60_000, pauseMs: 500 };

export interface Ongoing<E> {
  /** As a person reads of it: task, run. */
  readonly what: string;
  /** Begins anew each time: first how things stand, then what happens. */
  open(): AsyncIterable<E>;
  /** What has not begun yet does not go on without us (d: it has begun). */
  hasBegun?(): boolean;
}

/** Rejects when the server stays away. */
export async function* patiently<E extends { readonly kind: string }>(
  screen: Pick<Screen, "err">,
  { what, open, hasBegun = () => true }: Ongoing<E>,
  { mostMs, pauseMs } = patience,
): AsyncGenerator<E> {
  // However long nothing has happened before: patience begins with the trouble, and it is told of once.
  let awaySince: number | undefined;
  const bear = (error: unknown): void => {
    if (!isAway(error) || !hasBegun()) throw error;
    const now = performance.now();
    if (awaySince === undefined)
      screen.err(`${error.message}; the ${what} goes on, trying again for a minute`);
    awaySince ??= now;
    if (now - awaySince > mostMs) throw error;
  };
  for (;;) {
    try {
      for await (const event of open()) {
        awaySince = undefined;
        yield event;
        if (event.kind === "end") return;
      }
    } catch (error) {
      bear(error);
    }
    await sleep(pauseMs);
  }
}

const isAway = (error: unknown): error is VigoError =>
  error instanceof VigoError && error.failure === "unavailable";
