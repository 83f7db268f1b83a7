/** Follows what goes on at the server to its end, whatever happens to the connection. Must not know what it is. */
import { setTimeout as sleep } from "node:timers/promises";
import { VigoError } from "../../core/errors.ts";
import type { Screen } from "../../core/command/screen.ts";

/** A server may take so long to restart. */
const patienceMs = 60_000;

/** `open` begins anew each time: first how things stand, then what happens. Rejects when the server stays away. */
export async function* patiently<E extends { readonly kind: string }>(
  screen: Pick<Screen, "err">,
  what: string,
  open: () => AsyncIterable<E>,
): AsyncGenerator<E> {
  let heardAt = performance.now();
  for (;;) {
    try {
      for await (const event of open()) {
        heardAt = performance.now();
        yield event;
        if (event.kind === "end") return;
      }
    } catch (error) {
      if (!isAway(error) || performance.now() - heardAt > patienceMs) throw error;
      screen.err(`${error.message}; the ${what} goes on, trying again`);
    }
    await sleep(500);
  }
}

const isAway = (error: unknown): error is VigoError =>
  error instanceof VigoError && error.failure === "unavailable";
