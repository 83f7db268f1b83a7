/** All routes of 8443 in one app. Must not know sockets, nor how anything is done. */
import { asVigoError } from "../../core/errors.ts";
import { alertRoutes } from "./alerts/api.ts";
import { taskRoutes } from "./tasks/api.ts";
import { auditRoutes } from "./audit/api.ts";
import { accountRoutes } from "./auth/account.ts";
import { authRoutes } from "./auth/api.ts";
import { apiTokenRoutes } from "./auth/api-tokens.ts";
import { type OidcDeps, oidcRoutes } from "./auth/oidc/routes.ts";
import { bootstrapRoutes } from "./bootstrap/routes.ts";
import { descriptionPage, descriptionRoutes } from "./http/description.ts";
import { databaseRoutes } from "./database/api.ts";
import { doctorRoutes } from "./doctor/api.ts";
import { enrolmentRoutes } from "./enrolment/api.ts";
import { maintenanceRoutes } from "./envoys/maintenance.ts";
import { tagRoutes } from "./envoys/tags.ts";
import { envoyRoutes } from "./envoys/api.ts";
import { type App, type Authorise, mount, type Route } from "./http/implement.ts";
import type { Log } from "../../core/log.ts";
import { inventoryRoutes } from "./inventory/api.ts";
import { type MetricsDeps, metricsPage } from "./metrics/page.ts";
import { licenseRoutes } from "./license/api.ts";
import { policyRoutes } from "./policy/api.ts";
import { publishRoutes } from "./policy/publish-api.ts";
import { queryRoutes } from "./queries/api.ts";
import { runRoutes } from "./runs/api.ts";
import { secretRoutes } from "./secrets/api.ts";
import { statusRoutes } from "./status/api.ts";
import { workflowRoutes } from "./workflows/api.ts";
import { pushRoutes } from "./streams/api.ts";
import { tokenRoutes } from "./tokens/api.ts";
import { caRoutes } from "./trust/api.ts";
import { userRoutes } from "./users/api.ts";

type DepsOf<Routes> = Routes extends readonly Route<infer Deps>[] ? Deps : never;

/** Said, because what is not is told as bytes of any kind. */
const plain = { "content-type": "text/plain; charset=utf-8" };

/** What all handlers need, together. */
export type Deps = DepsOf<typeof authRoutes> &
  DepsOf<typeof accountRoutes> &
  DepsOf<typeof apiTokenRoutes> &
  DepsOf<typeof userRoutes> &
  DepsOf<typeof envoyRoutes> &
  DepsOf<typeof tokenRoutes> &
  DepsOf<typeof enrolmentRoutes> &
  DepsOf<typeof caRoutes> &
  DepsOf<typeof runRoutes> &
  DepsOf<typeof inventoryRoutes> &
  DepsOf<typeof databaseRoutes> &
  DepsOf<typeof policyRoutes> &
  DepsOf<typeof publishRoutes> &
  DepsOf<typeof secretRoutes> &
  DepsOf<typeof statusRoutes> &
  DepsOf<typeof doctorRoutes> &
  DepsOf<typeof alertRoutes> &
  DepsOf<typeof taskRoutes> &
  DepsOf<typeof queryRoutes> &
  DepsOf<typeof pushRoutes> &
  DepsOf<typeof tagRoutes> &
  DepsOf<typeof maintenanceRoutes> &
  DepsOf<typeof workflowRoutes> &
  DepsOf<typeof licenseRoutes> &
  DepsOf<typeof auditRoutes>;

export interface AppOptions {
  readonly deps: Deps & MetricsDeps & OidcDeps;
  readonly authorise: Authorise;
  readonly metricsAllowed: (address: string, authorization: string | undefined) => boolean;
  /** What newcomers can be given. */
  readonly programs: Parameters<typeof bootstrapRoutes>[1]["programs"];
  /** Raw Ed25519: what signs them. */
  readonly downloadKey: Uint8Array;
  /** Rejects, or says why, when the server should get no work. */
  readonly ready: () => Promise<string | undefined>;
  readonly log: Log;
  /** The audit log's newest signed head. */
  readonly auditHead: () => string | undefined;
}

export function app({
  deps,
  authorise,
  metricsAllowed,
  programs,
  downloadKey,
  ready,
  log,
  auditHead,
}: AppOptions): App {
  const routes: readonly Route<Deps>[] = [
    ...authRoutes,
    ...accountRoutes,
    ...apiTokenRoutes,
    ...userRoutes,
    ...envoyRoutes,
    ...tokenRoutes,
    ...enrolmentRoutes,
    ...caRoutes,
    ...runRoutes,
    ...inventoryRoutes,
    ...databaseRoutes,
    ...policyRoutes,
    ...publishRoutes,
    ...secretRoutes,
    ...statusRoutes,
    ...doctorRoutes,
    ...alertRoutes,
    ...taskRoutes,
    ...queryRoutes,
    ...pushRoutes,
    ...maintenanceRoutes,
    ...tagRoutes,
    ...workflowRoutes,
    ...licenseRoutes,
    ...auditRoutes,
    ...descriptionRoutes,
  ];
  const made = mount(routes, deps, {
    authorise,
    log: (bug) => log.error("request failed", { error: trace(bug) }),
    done: (request) => log.info("request", { ...request }),
  });
  descriptionPage(made);
  bootstrapRoutes(made, { programs, key: downloadKey });
  oidcRoutes(made, deps);
  made.get("/healthz", (context) =>
    context.text(`ok\naudit-head: ${auditHead() ?? "none"}\n`, 200, plain),
  );
  made.get("/readyz", async (context) => {
    const trouble = await ready().catch((caught: unknown) => asVigoError(caught).message);
    return trouble === undefined
      ? context.text("ready\n", 200, plain)
      : context.text(`${trouble}\n`, 503, plain);
  });
  made.get("/metrics", async (context) => {
    const { address = "" } = context.env ?? {};
    if (!metricsAllowed(address, context.req.header("authorization")))
      return context.text("needs metrics.token, or an address in metrics.allow\n", 403, plain);
    return context.text(await metricsPage(deps), 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    });
  });
  return made;
}

const trace = (bug: unknown): string =>
  bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
