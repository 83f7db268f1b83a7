/** What the commands that enrol share: their flags, and what they do with them. Must not know how enrolling works. */
import { type Args, type Given, misused } from "../../core/command/args.ts";
import { parseDuration } from "../../core/duration.ts";
import type { Bootstrapped, Deferred } from "./bootstrap.ts";
import type { AgentContext } from "./command.ts";

export const enrolFlags = {
  server: {
    type: "string",
    required: true,
    description: "The server's HTTPS side; several with commas, which are tried in turn.",
    valueHint: "HOST:8443",
  },
  token: {
    type: "string",
    required: true,
    description: "Enrolment token, as `vigo cli tokens create` printed it.",
    valueHint: "TOKEN",
  },
  hostname: {
    type: "string",
    description: "The name that hostcrates match; this machine's when left out.",
    valueHint: "NAME",
  },
  force: { type: "boolean", description: "Take a new identity although there is one." },
  wait: {
    type: "string",
    default: "24h",
    description: "How long to wait for an approval, where one is needed.",
    valueHint: "DURATION",
  },
} as const satisfies Args;

/** Enrols as the flags say, and tells a person what it waits for. */
export async function enrolAs(
  flags: Given<typeof enrolFlags>,
  { home, screen, settings }: AgentContext,
  { service, defer }: { readonly service: boolean; readonly defer: boolean },
): Promise<Bootstrapped | Deferred> {
  const { server, token, hostname, force, wait } = flags;
  const waitMs = parseDuration(wait);
  if (waitMs === undefined) throw misused(`--wait ${wait} is no duration like 30s or 10m`);
  const [{ bootstrap }, { thisMachine }] = await Promise.all([
    import("./bootstrap.ts"),
    import("./enforcement.ts"),
  ]);
  return bootstrap(thisMachine(home), {
    home,
    api: server,
    token,
    service,
    defer,
    force,
    waitMs,
    proxy: settings.proxy,
    say: (text) => screen.err(text),
    ...(hostname !== undefined && { hostname }),
  });
}

export function printEnrolled(done: Bootstrapped | Deferred): string {
  if ("deferred" in done) return `enrols at ${done.server} when the agent first runs`;
  const { envoy_id, hostname, server, fresh } = done;
  return fresh
    ? `enrolled at ${server} as ${hostname}, envoy ${envoy_id}`
    : `enrolled before: ${hostname}, envoy ${envoy_id}, at ${server}`;
}
