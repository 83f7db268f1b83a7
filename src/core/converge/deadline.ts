/**
 * A machine that has only so long: the `timeout:` of a resource as a whole. Commands and downloads get what is left of it, and
 * nothing is begun after it. Must not know what is done in that time.
 */
import { VigoError } from "../errors.ts";
import type { Command, Host } from "../host.ts";

/** `monotonicMs` is a clock that never goes back. */
export function withDeadline(host: Host, limitMs: number, monotonicMs: () => number): Host {
  const end = monotonicMs() + limitMs;
  const left = () => {
    const ms = end - monotonicMs();
    if (ms > 0) return ms;
    throw new VigoError("failed", `not done within its timeout of ${limitMs / 1000} s`);
  };
  const bounded = (command: Command): Command => ({
    ...command,
    timeoutMs: Math.max(
      1,
      Math.floor(Math.min(left(), command.timeoutMs ?? Number.POSITIVE_INFINITY)),
    ),
  });
  return {
    ...host,
    query: async (command) => host.query(bounded(command)),
    run: async (command) => host.run(bounded(command)),
    write: async (...given) => {
      left();
      return host.write(...given);
    },
    fetch: async (...given) => {
      left();
      return host.fetch(...given);
    },
  };
}
