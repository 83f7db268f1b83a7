/** The endpoints about the published policy, handled. Must not know HTTP. */
import files from "node:fs/promises";
import type { Answer } from "../../../core/api/endpoint.ts";
import {
  configHistory,
  configStatus,
  configTrace,
  reloadConfig,
} from "../../../core/api/config.ts";
import { listNames } from "../../../core/api/names.ts";
import { VigoError } from "../../../core/errors.ts";
import { type Trace, trace } from "../../../core/policy/trace.ts";
import { freezeInForce } from "../../../core/publish/freeze.ts";
import { history, type Manifest } from "../../../core/publish/live.ts";
import { partOf } from "../../../core/rollout/cohort.ts";
import { printGate } from "../../../core/rollout/plan.ts";
import { formerHealth, health, isBroken, measured } from "../../../core/rollout/tally.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import type { LivePolicy } from "./live.ts";
import { namesIn } from "./names.ts";
import type { Rollouts } from "./rollouts.ts";

interface Deps {
  readonly home: { readonly folder: string };
  readonly policy: LivePolicy;
  readonly fleet: Fleet;
  readonly store: Pick<Store, "traits">;
  readonly rollouts: Pick<Rollouts, "shown">;
}

/** More would help nobody. */
const mostShown = 100;

export const policyRoutes = [
  implement(configStatus, async (_, { home, policy, fleet, rollouts }: Deps) => {
    const { edition, failure } = policy;
    const rollout = shownRollout(rollouts.shown);
    const freeze = await freezeInForce(files, home.folder, new Date());
    const envoys = [...fleet.list()].filter(({ row }) => row.revokedAt === undefined);
    const unresolved = envoys.filter(({ problems }) => problems.length > 0);
    const version = edition?.manifest.version;
    return {
      ...(edition === undefined ? {} : { in_force: { ...edition.manifest, live: true } }),
      ...(failure === undefined ? {} : { failure }),
      ...(rollout === undefined ? {} : { rollout }),
      ...(freeze === undefined ? {} : { freeze }),
      problems: edition?.problems ?? [],
      warnings: edition?.warnings ?? [],
      envoys: envoys.length,
      enforcing: envoys.filter(({ policyVersion }) => policyVersion === version).length,
      unresolved: unresolved.slice(0, mostShown).map(({ id, row, problems }) => ({
        envoy_id: id,
        hostname: row.hostname,
        problems,
      })),
      unresolved_count: unresolved.length,
    };
  }),
  implement(listNames, (_, { policy }: Deps) => Promise.resolve(namesIn(policy.edition?.policy))),
  implement(configHistory, async (_, { home, policy }: Deps) => {
    const live = policy.edition?.manifest;
    const shown = (manifest: Manifest) => ({
      ...manifest,
      live: manifest.version === live?.version,
    });
    return { versions: (await history(files, home.folder)).map(shown) };
  }),
  implement(configTrace, async ({ query }, { policy, fleet, store }: Deps) => {
    const { edition } = policy;
    if (edition === undefined)
      throw new VigoError("missing", "nothing was published yet", { hint: "vigo cli publish" });
    const { host, crate } = query;
    if (crate !== undefined && !edition.policy.crates.has(crate))
      throw new VigoError(
        "missing",
        `no configcrate ${crate} in version ${edition.manifest.version}`,
      );
    const envoy = named(fleet, host);
    const rows = envoy === undefined ? [] : await store.traits.of(envoy.id);
    const traits = Object.fromEntries(rows.map(({ section, value }) => [section, value]));
    const subject = { id: envoy?.id ?? nobody, hostname: envoy?.row.hostname ?? host, traits };
    const traced = trace(edition.policy, subject, crate === undefined ? {} : { crate });
    const { version } = edition.manifest;
    return { ...spelled(traced), version, traits_known: rows.length > 0 };
  }),
  implement(reloadConfig, async (_, { policy }: Deps) => {
    await policy.reload();
    const { edition, failure } = policy;
    const version = edition?.manifest.version ?? 0;
    return failure === undefined ? { version } : { version, failure };
  }),
];

type ShownRollout = NonNullable<Answer<typeof configStatus>["rollout"]>;

function shownRollout(shown: Rollouts["shown"]): ShownRollout | undefined {
  if (shown === undefined) return undefined;
  const { tally, rollout } = shown;
  const { version, plan, stage, since, end } = rollout;
  return {
    version,
    state: end?.outcome ?? "watching",
    percent: plan === undefined ? 100 : partOf(plan, stage),
    ...(plan && { stages: plan.stages, min_ran: plan.min_ran }),
    since: new Date(since).toISOString(),
    online: tally.online,
    ran: tally.ran,
    gates: (plan?.gates ?? []).map((gate) => ({
      gate: printGate(gate),
      percent: measured(tally, gate),
      broken: isBroken(tally, gate),
    })),
    health: health(tally),
    health_before: formerHealth(tally),
    ...(end && { why: end.why }),
  };
}

const nobody = "00000000-0000-0000-0000-000000000000";

/** Two may have had a name one after the other: the one that is not revoked has it. */
function named(fleet: Fleet, host: string): Envoy | undefined {
  const name = host.toLowerCase();
  for (const envoy of fleet.list())
    if (envoy.row.revokedAt === undefined && envoy.row.hostname.toLowerCase() === name)
      return envoy;
  return undefined;
}

type Traced = Omit<Answer<typeof configTrace>, "version" | "traits_known">;

/** As the API spells it. */
function spelled({ passedOver, configcrates, ...rest }: Trace): Traced {
  return {
    ...rest,
    passed_over: passedOver,
    configcrates: configcrates.map(({ excludedBy, ...crate }) => ({
      ...crate,
      ...(excludedBy === undefined ? {} : { excluded_by: excludedBy }),
    })),
  };
}
