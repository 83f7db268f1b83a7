/**
 * The machine as one resource may use it: within its time, and without telling what is sensitive. Must not know resources.
 */
import { VigoError } from "../errors.ts";
import type { Command, Host } from "../host.ts";

export interface Limits {
  /** Of the whole resource, from now. */
  readonly timeoutMs?: number | undefined;
  readonly sensitive?: boolean | undefined;
  /** What it writes holds a secret; implies sensitive. */
  readonly confidential?: boolean | undefined;
}

export function limitedHost(host: Host, limits: Limits): Host {
  const { timeoutMs, confidential = false } = limits;
  const sensitive = confidential || limits.sensitive === true;
  if (timeoutMs === undefined && !sensitive) return host;
  const end = timeoutMs === undefined ? undefined : host.now().getTime() + timeoutMs;
  const limited = (command: Command): Command => {
    const quiet = sensitive ? { ...command, sensitive } : command;
    if (end === undefined) return quiet;
    const left = end - host.now().getTime();
    if (left <= 0) throw new VigoError("failed", `took longer than its timeout of ${timeoutMs} ms`);
    return { ...quiet, timeoutMs: Math.min(left, command.timeoutMs ?? left) };
  };
  return {
    ...host,
    ...(confidential && { confidential }),
    query: async (command) => host.query(limited(command)),
    run: async (command) => host.run(limited(command)),
    remove: (path, options) =>
      host.remove(path, sensitive ? { ...options, snapshot: false } : options),
    write: (path, content, options) =>
      host.write(path, content, sensitive ? { ...options, snapshot: false } : options),
  };
}
