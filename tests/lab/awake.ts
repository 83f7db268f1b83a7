/**
 * Time as this process lives it: while it is stopped with the machines it started (SIGSTOP, a lid that is shut), nobody can answer it, and
 * no deadline comes nearer. Must not know what is waited for.
 */
let lived = 0;
let last: number | undefined;
const tickMs = 500;

/** What is more than this between two ticks was not lived. */
const mostMs = 2 * tickMs;

const since = () => Math.min(performance.now() - (last ?? performance.now()), mostMs);

function tick(): void {
  lived += since();
  last = performance.now();
}

/** Milliseconds, from the first time it is asked. */
export function awakeMs(): number {
  if (last === undefined) {
    last = performance.now();
    setInterval(tick, tickMs).unref();
  }
  return lived + since();
}
