/** The endpoints by which the CA is replaced, handled. Must not know HTTP. */
import {
  beginRotation,
  finishRotation,
  type Rotation,
  showRotation,
} from "../../../core/api/ca.ts";
import { implement } from "../http/implement.ts";
import type { Authority, PublicCa } from "./authority.ts";
import type { CaRotation, Left } from "./ca-rotation.ts";

interface Deps {
  readonly authority: Authority;
  readonly rotation: CaRotation;
}

export const caRoutes = [
  implement(showRotation, async (_, deps: Deps) => shown(deps)),
  implement(beginRotation, async (_, deps: Deps, { name }) => {
    await deps.rotation.begin(name);
    return shown(deps);
  }),
  implement(finishRotation, async ({ body }, deps: Deps, { name }) => {
    await deps.rotation.finish(name, body.force);
    return shown(deps);
  }),
];

const mostNamed = 100;

function shown({ authority, rotation }: Deps): Rotation {
  const { moved, left } = rotation.progress();
  const { next } = authority;
  const silent = left.toSorted((a, b) => (a.lastSeenAt ?? 0) - (b.lastSeenAt ?? 0));
  return {
    ca: printed(authority),
    ...(next && { next: printed(next) }),
    moved,
    waiting: left.length,
    waiting_envoys: silent.slice(0, mostNamed).map(named),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const printed = ({ fingerprint, expiresAt }: PublicCa) => ({
  fingerprint,
  expires_at: iso(expiresAt),
});

const named = ({ id, hostname, lastSeenAt }: Left) => ({
  id,
  hostname,
  ...(lastSeenAt === undefined ? {} : { last_seen_at: iso(lastSeenAt) }),
});
