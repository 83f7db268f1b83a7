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
  const left = (): number => {
    const ms = end === undefined ? Number.POSITIVE_INFINITY : end - host.now().getTime();
    if (ms <= 0) throw new VigoError("failed", `took longer than its timeout of ${timeoutMs} ms`);
    return ms;
  };
  const limited = (command: Command): Command => {
    const quiet = sensitive ? { ...command, sensitive } : command;
    if (end === undefined) return quiet;
    const ms = left();
    return { ...quiet, timeoutMs: Math.min(ms, command.timeoutMs ?? ms) };
  };
  return {
    ...host,
    ...(confidential && { confidential }),
    query: async (command) => host.query(limited(command)),
    run: async (command) => host.run(limited(command)),
    fetch: async (url, options) => whileTimeIsLeft(await host.fetch(url, options), left),
    remove: (path, options) =>
      host.remove(path, sensitive ? { ...options, snapshot: false } : options),
    write: (path, content, options) =>
      host.write(path, content, sensitive ? { ...options, snapshot: false } : options),
  };
}

/** A body that comes for ever ends with the resource's time; one that stands still ends by itself. */
const whileTimeIsLeft = (body: ReadableStream<Uint8Array>, left: () => number) =>
  body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        left();
        controller.enqueue(part);
      },
    }),
  );
