/** A command that may be told to end while it works, by SIGTERM or Ctrl-C. Must not know what it does. */

export interface Told {
  /** It was told once: nothing further begins. */
  readonly signal: AbortSignal;
  /** It was told ten seconds ago, or told again: what is under way is stopped. */
  readonly kill: AbortSignal;
}

const patienceMs = 10_000;

export async function untilTold<R>(work: (told: Told) => Promise<R>): Promise<R> {
  const [soft, hard] = [new AbortController(), new AbortController()];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const told = () => {
    if (soft.signal.aborted) hard.abort();
    soft.abort();
    timer ??= setTimeout(() => hard.abort(), patienceMs);
  };
  process.on("SIGTERM", told);
  process.on("SIGINT", told);
  try {
    return await work({ signal: soft.signal, kill: hard.signal });
  } finally {
    clearTimeout(timer);
    process.off("SIGTERM", told);
    process.off("SIGINT", told);
  }
}
