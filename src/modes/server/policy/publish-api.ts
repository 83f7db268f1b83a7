/** The endpoints that plan and change what is published, handled. Must not know HTTP. */
import files from "node:fs/promises";
import {
  chooseCohort,
  freezeConfig,
  planConfig,
  publishConfig,
  rollbackConfig,
  showTree,
  unfreezeConfig,
} from "../../../core/api/publish.ts";
import { VigoError } from "../../../core/errors.ts";
import { packTree, unpackTree } from "../../../core/publish/archive.ts";
import { freezeEnd, liftFreeze, writeFreeze } from "../../../core/publish/freeze.ts";
import { history, liveVersion, readVersion } from "../../../core/publish/live.ts";
import { type Caller, implement } from "../http/implement.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Publishing, PlanScope } from "./publishing.ts";

interface Deps {
  readonly home: { readonly folder: string };
  readonly publishing: Publishing;
  readonly chronicle: Chronicle;
}

export const publishRoutes = [
  implement(planConfig, async ({ body }, { publishing }: Deps) =>
    publishing.plan(unpackTree(body.tree), scopeOf(body), body.ask_urls),
  ),
  implement(publishConfig, async ({ body }, { publishing }: Deps, caller) => {
    const { tree, message, source, git_commit, base, replace, yes, rollout } = body;
    const skipUrls = body.skip_url_checks;
    return publishing.publish(
      {
        tree: unpackTree(tree),
        actor: caller.name,
        message,
        source: `${source} (${caller.address})`,
        uploaded: true,
        now: new Date(),
        replace,
        unwatched: body.unwatched,
        supersede: body.supersede,
        ...(rollout === undefined ? {} : { rollout }),
        ...(git_commit === undefined ? {} : { gitCommit: git_commit }),
        ...(base === undefined ? {} : { base }),
        ...forced(body.force, caller),
      },
      { yes, skipUrls },
    );
  }),
  implement(chooseCohort, ({ body }, { publishing }: Deps) => publishing.cohort(body.where)),
  implement(rollbackConfig, async ({ body }, { publishing }: Deps, caller) => {
    const { version, message, force } = body;
    const who = { actor: caller.name, message, now: new Date(), ...forced(force, caller) };
    return publishing.rollback(version, who);
  }),
  implement(showTree, async ({ query }, { home }: Deps) => {
    const live = await liveVersion(files, home.folder);
    const wanted = query.version ?? live?.version;
    const found = (await history(files, home.folder)).find(({ version }) => version === wanted);
    if (found === undefined)
      throw new VigoError(
        "missing",
        wanted === undefined ? "nothing was published yet" : `there is no version ${wanted}`,
      );
    const { manifest, tree } = await readVersion(files, home.folder, found);
    return {
      version: { ...manifest, live: manifest.version === live?.version },
      tree: packTree(tree),
    };
  }),
  implement(freezeConfig, async ({ body }, { home, chronicle }: Deps, { name: actor }) => {
    const now = new Date();
    const until = freezeEnd(body.until, now).toISOString();
    const freeze = { until, reason: body.reason, actor, at: now.toISOString() };
    await writeFreeze(files, home.folder, freeze);
    await chronicle.write();
    return freeze;
  }),
  implement(unfreezeConfig, async (_, { home, chronicle }: Deps, { name }) => {
    const lifted = await liftFreeze(files, home.folder, name, new Date());
    await chronicle.write();
    return lifted;
  }),
];

const nobody = "00000000-0000-0000-0000-000000000000";

interface Asked {
  readonly host?: string;
  readonly as?: { readonly hostname: string; readonly traits: Record<string, unknown> };
}

function scopeOf({ host, as }: Asked): PlanScope {
  if (host !== undefined && as !== undefined)
    throw new VigoError("invalid", "body: host and as do not go together");
  if (host !== undefined) return { host };
  if (as === undefined) return undefined;
  // Every value came as JSON.
  const traits = as.traits as Extract<PlanScope, { as: unknown }>["as"]["traits"];
  return { as: { id: nobody, hostname: as.hostname.toLowerCase(), traits } };
}

/** A freeze is opened by those who may end it. */
function forced(force: string | undefined, { via }: Caller): { readonly force?: string } {
  if (force === undefined) return {};
  if (via === "local-token") return { force };
  throw new VigoError("denied", "only the admin of the server's host may publish in a freeze", {
    hint: "on that host: vigo cli publish --force --reason TEXT",
  });
}
