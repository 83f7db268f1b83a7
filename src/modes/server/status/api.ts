/** The endpoint about the server as a whole, handled. Must not know HTTP. */
import { showTrend } from "../../../core/api/history.ts";
import { serverStatus, serverWork } from "../../../core/api/server.ts";
import { parseDuration } from "../../../core/duration.ts";
import { version } from "../../../core/version.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import type { Works } from "../works.ts";
import { fleetFigures } from "./figures.ts";
import { trendSince } from "./trend.ts";

interface Deps {
  readonly store: Pick<Store, "requests" | "size" | "trend">;
  readonly fleet: Fleet;
  readonly serverId: string;
  readonly startedAt: number;
  readonly authority: { readonly fingerprint: string };
  /** Of the certificate that is shown now. */
  readonly identity: () => { readonly expiresAt: number };
  readonly ports: { readonly grpc: number; readonly api: number };
  readonly policyVersion: () => number;
  readonly works: Works;
}

export const statusRoutes = [
  implement(serverWork, async (_, { works }: Deps) => ({
    work: (await works.list()).map(({ startedAt, ...rest }) => ({
      ...rest,
      started_at: new Date(startedAt).toISOString(),
    })),
  })),
  implement(serverStatus, async (_, deps: Deps) => {
    const { store, fleet, ports } = deps;
    const { byStatus, revoked, convergence } = fleetFigures(fleet);
    return {
      version: version.version,
      server_id: deps.serverId,
      started_at: new Date(deps.startedAt).toISOString(),
      policy_version: deps.policyVersion(),
      envoys: byStatus,
      revoked,
      waiting: await store.requests.count("waiting"),
      ...(convergence === undefined
        ? {}
        : { convergence_pct: Math.round(convergence * 1_000) / 10 }),
      database: { driver: "sqlite", size_bytes: await store.size() },
      grpc_port: ports.grpc,
      api_port: ports.api,
      ca_fingerprint: deps.authority.fingerprint,
      certificate_expires_at: new Date(deps.identity().expiresAt).toISOString(),
    };
  }),
  implement(showTrend, async ({ query }, { store, fleet }: Deps) => ({
    samples: await trendSince(store, fleet.now() - (parseDuration(query.since) ?? 0)),
  })),
];
