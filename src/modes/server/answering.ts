/** Puts together what is answered over HTTPS. Must not know how it is listened for, nor what else a server does. */
import { rm } from "node:fs/promises";
import type { openAlerts } from "./alerts/open.ts";
import { app } from "./app.ts";
import type { Heads } from "./audit/heads.ts";
import { programs } from "./bootstrap/programs.ts";
import type { GrpcServer } from "./grpc/server.ts";
import { authorise, callLimits } from "./http/authorise.ts";
import type { listenHttps } from "./http/listen.ts";
import { metricsAllowed } from "./metrics/allowed.ts";
import type { LoopLag } from "./metrics/loop-lag.ts";
import { handlerDeps, type Parts } from "./parts.ts";
import type { Shown } from "./shown.ts";
import { readIfThere } from "./write-file.ts";

export interface Watching extends ReturnType<typeof openAlerts> {
  readonly heads: Heads;
  readonly lag: LoopLag;
}

/** What is answered over HTTPS: the API, health, metrics, downloads. */
export async function answerer(
  parts: Parts,
  grpc: GrpcServer,
  ports: { readonly grpc: number; readonly api: number },
  shown: Shown,
  { alerts, transitions, heads, lag }: Watching,
): Promise<Parameters<typeof listenHttps>[2]> {
  const { home, prepared, log } = parts;
  const { store } = prepared;
  const localToken = ((await readIfThere(home.localToken)) ?? "").trim();
  // The password of the first admin is good for one login: whoever has logged in sets another, or keeps the token.
  const loggedIn = async (name: string) => {
    if (name === "admin") await rm(home.initialPassword, { force: true });
  };
  const made = app({
    deps: {
      ...handlerDeps(parts, grpc, ports, () => shown.certificate, loggedIn),
      method: () => shown.settings.auth.method,
      oidc: () => {
        const { method, oidc } = shown.settings.auth;
        return method === "oidc" ? oidc : undefined;
      },
      ownAddress: () => `https://${shown.settings.hostname}:${ports.api}`,
      alerts,
      heads,
      transitions,
      lag,
    },
    authorise: authorise({
      store,
      localToken,
      sessionIdleMs: () => shown.settings.auth.session_idle_timeout,
      now: Date.now,
      ...callLimits(() => performance.now()),
    }),
    metricsAllowed: (...caller) => metricsAllowed(shown.settings.metrics)(...caller),
    programs: programs(home.downloads, prepared.bundleKey.key),
    downloadKey: prepared.bundleKey.publicKey,
    ready: async () => {
      await store.meta.get("server_id");
      return undefined;
    },
    log,
    auditHead: () => heads.newest,
  });
  return (request, connection) => made.fetch(request, connection);
}
